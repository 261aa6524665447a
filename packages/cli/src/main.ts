#!/usr/bin/env node

/**
 * Running this module runs the `hookport` command, with the arguments of the process. It exports nothing.
 *
 * @module
 */

import { complaintOfNode } from './complaint-of-node.ts'

// Nothing else is imported before this check: an older Node would fail to load it, with a misleading error.
const complaint = complaintOfNode(process.versions.node)
if (complaint === undefined) {
  const [{ runCli }, { processTerminal }] = await Promise.all([
    import('./run-cli.ts'),
    import('./terminal/terminal.ts'),
  ])
  process.exitCode = await runCli(process.argv.slice(2), processTerminal())
} else {
  process.stderr.write(`hookport: ${complaint}\n`)
  process.exitCode = 3
}
