import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { snippetsOf } from './snippets.ts'

const run = promisify(execFile)

/** Runs a snippet as a file of its own, and answers what it prints. */
async function printed(snippet: string, ...flags: string[]): Promise<string> {
  const folder = await mkdtemp(join(import.meta.dirname, 'run-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'snippet.ts'), snippet)
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined }
  const args = ['--conditions=@hookport/source', '--no-warnings', ...flags, join(folder, 'snippet.ts')]
  return (await run(process.execPath, args, { env })).stdout
}

test('the tests of the guide pass as they stand there', async () => {
  const [tests = ''] = snippetsOf('testing.md')
  const report = await printed(tests, '--test', '--test-reporter=tap')
  expect(report).toContain('# pass 3\n')
  expect(report).toContain('# fail 0\n')
})

test('what the guide says of a key pair holds', async () => {
  const [, keyPair = ''] = snippetsOf('testing.md')
  const shown = keyPair.replace('await deliver(', 'console.log(await deliver(').replace(/\)\n$/, '))\n')
  expect(await printed(`${shown}await receiver.stop()`)).toContain("outcome: 'accepted'")
})
