import { once } from 'node:events'
import { createServer } from 'node:net'
import { sqliteInbox } from '@hookport/sqlite'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { expect, test } from 'vitest'
import { hookport } from './support/run-command.ts'

async function filledFile(): Promise<string> {
  const path = `${temporaryFolder()}/webhooks.db`
  const inbox = sqliteInbox({ path })
  const rawBody = Buffer.from('{"email":"bob@example.com"}')
  const failure = { handler: 'charge', code: 'handler_failed', message: 'bob@example.com is unknown', at: 1 }
  await inbox.put(eventRecord({ id: 'evt_1', rawBody }), { rememberMs: 60_000, failure })
  await inbox.close()
  return path
}

/** Runs the command until `use` is done with the address that it prints. */
async function inspecting<Result>(args: string[], use: (url: string) => Promise<Result>) {
  const ending = new AbortController()
  let used: Promise<Result> | undefined
  const ran = await hookport(['inspect', '--port', '0', '--json', ...args], {
    signal: ending.signal,
    print(line) {
      used = use(JSON.parse(line).url).finally(() => ending.abort())
    },
  })
  return { ...ran, result: await used }
}

test('inspect shows an inbox to whoever opens the address that it prints, once, and ends with Ctrl-C', async () => {
  const { exitCode, result } = await inspecting(['--sqlite', await filledFile()], async (url) => {
    const { origin } = new URL(url)
    const locked = await fetch(`${origin}/api/events`)
    const opened = await fetch(url)
    const again = await fetch(url)
    const cookie = opened.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const events = await fetch(`${origin}/api/events`, { headers: { cookie } })
    return { statuses: [locked.status, opened.status, again.status], events: await events.text(), url }
  })
  expect(exitCode).toBe(0)
  expect(result?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/)
  expect(result?.statuses).toEqual([401, 200, 401])
  expect(result?.events).toContain('evt_1')
})

test('inspect shows nothing of what is redacted', async () => {
  const { result } = await inspecting(['--sqlite', await filledFile(), '--redact', 'email'], async (url) => {
    const { origin } = new URL(url)
    const cookie = (await fetch(url)).headers.getSetCookie()[0]?.split(';')[0] ?? ''
    return (await fetch(`${origin}/api/event?key=acme:evt_1`, { headers: { cookie } })).text()
  })
  expect(result).toContain('[redacted] is unknown')
  expect(result).not.toContain('bob')
})

test.each([
  [[], 2, 'is required'],
  [['--sqlite', '/nowhere/webhooks.db'], 3, 'there is no such file'],
  [['--sqlite', 'a', '--redis', 'redis://x'], 2, 'exclude each other'],
  [['--redis', 'localhost'], 2, 'connection is a string that is no address of Redis'],
  [
    ['--redis', 'redis://127.0.0.1:1', '--prefix', ''],
    2,
    'bullmqInbox: prefix must be a string that is not empty',
  ],
  [['--postgres', 'postgres://127.0.0.1:1/x', '--schema', 'a b'], 2, 'schema is "a b"; it must consist of'],
  [['--postgres', 'postgres://me:secret@[/x'], 2, "--postgres: the URL can't be read"],
  [['--postgres', 'postgres://127.0.0.1:1/x'], 3, "the database can't be reached"],
])('inspect %j says what is wrong', async (args, code, words) => {
  const { exitCode, noted } = await hookport(['inspect', ...args])
  expect([exitCode, noted]).toEqual([code, expect.stringContaining(words)])
})

test('what is to be redacted is a path: anything else is a mistake of usage', async () => {
  const { exitCode, noted } = await hookport(['inspect', '--sqlite', await filledFile(), '--redact', 'a..b'])
  expect([exitCode, noted]).toEqual([2, expect.stringContaining('redact has "a..b"; a path is names')])
})

test('inspect says that a port is taken', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const { exitCode, noted } = await hookport([
    'inspect',
    '--port',
    String(port),
    '--sqlite',
    await filledFile(),
  ])
  expect([exitCode, noted]).toEqual([3, expect.stringContaining(`can't listen on port ${port}`)])
  server.close()
})
