import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { freePort } from '@hookport/testkit/servers/free-port'
import { expect, onTestFinished, test } from 'vitest'
import { snippetsOf } from './snippets.ts'

const root = join(import.meta.dirname, '../..')
const secret = 'any-secret-for-now'
const node = [process.execPath, '--conditions=@hookport/source', '--no-warnings'] as const
/** All but Next's, which is a route and no server: `test/conformance/next.test.ts` runs such. */
const servers = snippetsOf('first-webhook.md').filter((snippet) => snippet.includes('3000'))

test.each(servers.map((snippet) => ({ snippet, from: /from '(@hookport[^']+)'/.exec(snippet)?.[1] })))(
  'the five minutes lead to a handled event: $from',
  { timeout: 90_000 },
  async ({ snippet }) => {
    const { url, printed } = await start(snippet)
    expect(await trigger(url, secret)).toBe(0)
    await expect.poll(() => printed.text).toMatch(/^opt_\w+ \[/m)
  },
)

test('a letter changed in the secret is 401, and the log says why', { timeout: 90_000 }, async () => {
  const { url, printed } = await start(servers[0] ?? '')
  expect(await trigger(url, `${secret}x`)).toBe(1)
  await expect.poll(() => printed.text).toMatch(/the signature does not match the body under any secret/)
})

test('the guide has a server for each framework that it names', () => {
  expect(servers).toHaveLength(5)
})

/** Starts a server of the guide, on another port, and resolves once it listens. What it prints is added to `text`. */
async function start(snippet: string) {
  const folder = mkdtempSync(join(import.meta.dirname, 'run-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'server.ts')
  const port = await freePort()
  writeFileSync(file, snippet.replace('3000', String(port)))
  const child = spawn(node[0], [...node.slice(1), file], {
    env: { ...process.env, SEMATRYX_WEBHOOK_SECRET: secret },
  })
  onTestFinished(() => void child.kill())
  const printed = { text: '' }
  const add = (chunk: Buffer) => {
    printed.text += chunk
  }
  child.stdout.on('data', add)
  child.stderr.on('data', add)
  await listening(port)
  return { url: `http://localhost:${port}/webhooks/sematryx`, printed }
}

/** Resolves once somebody listens there. */
async function listening(port: number): Promise<void> {
  const isUp = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, 'localhost')
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
      socket.on('connect', () => socket.destroy())
    })
  await expect.poll(isUp, { timeout: 30_000 }).toBe(true)
}

/** Sends the event with the command of the guide, and answers its exit code. */
function trigger(url: string, givenSecret: string): Promise<number | null> {
  const main = join(root, 'packages/cli/src/main.ts')
  const child = spawn(node[0], [...node.slice(1), main, 'trigger', 'optimization.completed', '--url', url], {
    env: { ...process.env, HOOKPORT_SECRET: givenSecret },
    stdio: 'ignore',
  })
  onTestFinished(() => void child.kill())
  return new Promise((resolve) => child.on('exit', resolve))
}
