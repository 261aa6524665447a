import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '@hookport/testkit/servers/free-port'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { afterEach, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const conditions = ['--conditions=@hookport/source', '--no-warnings']

interface Application {
  readonly process: ChildProcess
  /** All that it has written. */
  written(): string
}

const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

function start(file: string, args: readonly string[], env: Record<string, string>): Application {
  const child = spawn(process.execPath, [...conditions, join(root, file), ...args], {
    env: { ...process.env, ...env },
  })
  running.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      text += chunk
    })
  return { process: child, written: () => text }
}

/** As the guide says: open the page, and then the address that the log has. */
async function unlock(base: string, { written }: Application): Promise<string> {
  await expect
    .poll(
      () =>
        fetch(base).then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 20_000 },
    )
    .toBe(401)
  await expect.poll(written).toMatch(/\?token=/)
  const [address = ''] = /http:\/\/\S+\?token=[\w-]+/.exec(written()) ?? []
  const opened = await fetch(address)
  expect(opened.status).toBe(200)
  return opened.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

/** What the exporter of an application has written of each trace. */
function tracesIn({ written }: Application): Map<string, string[]> {
  const traces = new Map<string, string[]>()
  for (const [, id = '', span = ''] of written().matchAll(/^trace ([0-9a-f]{32}): (.*)$/gm))
    traces.set(id, [...(traces.get(id) ?? []), span])
  return traces
}

test('the walk-through of the guide: a handler fails, the page shows why, the fix is deployed, a redrive ends it, and the trace shows both attempts', async () => {
  const port = await freePort()
  const env = { PORT: String(port), INBOX: `${temporaryFolder()}/webhooks.db` }
  const base = `http://127.0.0.1:${port}/hookport`
  const flawed = start('examples/inspector/server.ts', [], { ...env, FIXED: '' })
  let cookie = await unlock(base, flawed)

  const url = `http://127.0.0.1:${port}/webhooks/sematryx`
  const send = start(
    'packages/cli/src/main.ts',
    ['send', '--provider', 'sematryx', '--url', url, '--count', '3'],
    {
      HOOKPORT_SECRET: 'your-webhook-secret',
    },
  )
  expect(await once(send.process, 'exit')).toEqual([0, null])

  const dead = async () => (await fetch(`${base}/api/events?state=dead`, { headers: { cookie } })).json()
  await expect.poll(dead).toMatchObject({ items: [{}, {}, {}] })
  const { items } = (await dead()) as { items: { failure: { message: string } }[] }
  expect(items[0]?.failure.message).toMatch(/^no unit is known for /)

  flawed.process.kill('SIGTERM')
  await once(flawed.process, 'exit')
  const mended = start('examples/inspector/server.ts', [], { ...env, FIXED: '1' })
  cookie = await unlock(base, mended)
  const session = await fetch(`${base}/api/session`, { headers: { cookie } })
  const { change } = (await session.json()) as { change: string }
  const { keys } = (await (await fetch(`${base}/api/keys?state=dead`, { headers: { cookie } })).json()) as {
    keys: string[]
  }
  const changeCookie = session.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const redriven = await fetch(`${base}/api/redrive`, {
    method: 'POST',
    headers: {
      cookie: `${cookie}; ${changeCookie}`,
      origin: new URL(base).origin,
      'content-type': 'application/json',
      'x-hookport-change': change,
    },
    body: JSON.stringify({ keys }),
  })
  expect(await redriven.json()).toEqual({ redriven: 3, notFound: [] })
  await expect.poll(() => mended.written().match(/^saved: \S+ EUR$/gm)?.length).toBe(3)
  expect(await dead()).toEqual({ items: [] })

  const failed = tracesIn(flawed)
  expect([...failed.values()]).toEqual(
    Array(3).fill(['receive sematryx: accepted', 'process sematryx, attempt 1: failed']),
  )
  const completed = tracesIn(mended)
  expect(new Set(completed.keys())).toEqual(new Set(failed.keys()))
  expect([...completed.values()]).toEqual(Array(3).fill(['process sematryx, attempt 1: completed']))
}, 90_000)

test('the commands of the guide are those that were walked through', async () => {
  const guide = await readFile(join(root, 'docs/guides/inspector.md'), 'utf8')
  for (const command of [
    'cd examples/inspector && npm start',
    'FIXED=1 npm start',
    'send --provider sematryx --url http://127.0.0.1:3000/webhooks/sematryx --count 3',
    'export HOOKPORT_SECRET=your-webhook-secret',
  ])
    expect(guide).toContain(command)
})
