import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

/** The TypeScript of a guide, block by block. */
export function snippetsOf(guide: string): string[] {
  const page = readFileSync(join(import.meta.dirname, '../../docs/guides', guide), 'utf8')
  return [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, snippet]) => snippet ?? '')
}

/** The block that has this in it. */
export function snippetWith(guide: string, part: string): string {
  const found = snippetsOf(guide).filter((snippet) => snippet.includes(part))
  if (found.length !== 1) throw new Error(`${guide} has ${found.length} snippets with ${part}`)
  return found[0] as string
}

/**
 * Runs TypeScript as a file of its own, and answers what it prints.
 *
 * @throws {Error} with all that it printed where it fails.
 */
export async function printed(
  source: string,
  { flags = [], env = {} }: { flags?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const folder = mkdtempSync(join(import.meta.dirname, 'run-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'snippet.ts')
  writeFileSync(file, source)
  const args = ['--conditions=@hookport/source', '--no-warnings', ...flags, file]
  const child = spawn(process.execPath, args, {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
  })
  onTestFinished(() => void child.kill())
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve))
  const [output, complaints] = await Promise.all([text(child.stdout), text(child.stderr)])
  if ((await exited) !== 0) throw new Error(`${output}${complaints}`)
  return output
}
