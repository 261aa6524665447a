import { constants } from 'node:fs'
import { access, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { childrenOf } from '@hookport/testkit/servers/programs/kill-with-backends'
import { measure, names, shortRun } from './measure.ts'
import { resultsPath, writePage } from './report/page.ts'
import { merge, type Results } from './report/results.ts'

const options = {
  /** Measure everything, and for longer. */
  full: { type: 'boolean', default: false },
  /** Write docs/performance.md and its charts. */
  page: { type: 'boolean', default: false },
  rounds: { type: 'string' },
  /** Where to write the results. Defaults to docs/performance/results.json where the page is written. */
  json: { type: 'string' },
  /** Take the results of an earlier run from there, and measure only what is named. */
  from: { type: 'string' },
} as const
const { values, positionals } = understood()
const unknown = positionals.filter((name) => !names.includes(name))
if (unknown.length > 0) refuse(`no such suite: ${unknown.join(', ')}`)

const rounds = Number(values.rounds ?? (values.full ? 20 : 5))
if (!Number.isInteger(rounds) || rounds < 1)
  refuse(`--rounds is ${values.rounds}; it must be a whole number from 1`)
if (values.page && values.from === undefined && (!values.full || positionals.length > 0))
  refuse(
    'The page shows everything. Measure it with --full, or take the rest from --from docs/performance/results.json',
  )
// What can't be read or written is told now: a run takes up to 20 minutes.
const path = values.json ?? (values.page ? resultsPath : undefined)
const earlier = values.from === undefined ? undefined : await resultsOf(values.from)
if (path !== undefined)
  await access(dirname(path), constants.W_OK).catch(() => refuse(`can't write into ${dirname(path)}`))

// Redis and Postgres know nothing of this process, and would outlive it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, async () => {
    for (const pid of await childrenOf(process.pid)) process.kill(pid, 'SIGTERM')
    process.exit(1)
  })

const results = await measure(wanted(), {
  rounds,
  sliceMs: values.full ? 300 : 200,
  thorough: values.full,
  report: (progress) => process.stderr.write(`\r${progress}   `),
})
const all = earlier === undefined ? results : merge(earlier, results)
if (path !== undefined) await writeFile(path, `${JSON.stringify(all, null, 2)}\n`)
if (values.page) await writePage(all)

function wanted(): readonly string[] {
  if (positionals.length > 0 || values.from !== undefined) return positionals
  return values.full ? names : shortRun
}

async function resultsOf(file: string): Promise<Results> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    return refuse(`can't read the results in ${file}: ${error instanceof Error ? error.message : error}`)
  }
}

function understood() {
  try {
    return parseArgs({ allowPositionals: true, options })
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

function refuse(why: string): never {
  const flags = Object.keys(options).map((name) => `--${name}`)
  process.stderr.write(
    `${why}\nThere are the options ${flags.join(', ')} and the suites ${names.join(', ')}\n`,
  )
  process.exit(2)
}
