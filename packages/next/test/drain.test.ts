import { join } from 'node:path'
import { sematryxWebhooks } from '@hookport/next'
import { sematryxWebhooks as sematryxPage } from '@hookport/next/pages'
import { sqliteInbox } from '@hookport/sqlite'
import { listen } from '@hookport/testkit/http/serving'
import { sematryxSecret, signedSematryx, testTime } from '@hookport/testkit/receivers/signed-deliveries'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { after } from 'next/server.js'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'

vi.mock('next/server.js', () => ({ after: vi.fn() }))
beforeEach(() => void vi.mocked(after).mockReset())
afterEach(() => void vi.unstubAllEnvs())

const secret = 'cron-secret'
const clock = { now: () => testTime }

function webhooksOf(options: object = {}) {
  const inbox = sqliteInbox({ path: join(temporaryFolder(), 'inbox.db') })
  const webhooks = sematryxWebhooks({
    logger: false,
    secret: sematryxSecret,
    consume: false,
    clock,
    inbox,
    ...options,
  })
  onTestFinished(() => webhooks.stop())
  const handled: string[] = []
  webhooks.onAnyEvent(({ id }) => void handled.push(id))
  return { webhooks, handled }
}

function delivery(id: string): Request {
  const { body, ...rest } = signedSematryx({ id })
  return new Request('http://localhost/webhooks/sematryx', { ...rest, body: new Uint8Array(body) })
}

const asked = (token = secret, method = 'GET') =>
  new Request('http://localhost/webhooks/sematryx', { method, headers: { authorization: `Bearer ${token}` } })

/** Does what Next would after the reply. */
async function runAfter(): Promise<void> {
  for (const [task] of vi.mocked(after).mock.calls.splice(0)) if (typeof task === 'function') await task()
}

describe('with consume: false and a durable inbox', () => {
  test('the cron route handles what waits, and answers the counts', async () => {
    const { webhooks, handled } = webhooksOf()
    const GET = webhooks.drain({ secret, maxMs: 5_000 })
    await webhooks.POST(delivery('evt_1'))
    await webhooks.POST(delivery('evt_2'))
    expect(handled).toEqual([])
    const response = await GET(asked())
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toMatchObject({ handled: 2, more: false })
    expect(handled.toSorted()).toEqual(['evt_1', 'evt_2'])
    expect((await webhooks.drain({ secret })(asked(secret, 'POST'))).status).toBe(200)
  })

  test('the cron route answers 401 to anybody else', async () => {
    const { webhooks, handled } = webhooksOf()
    const GET = webhooks.drain({ secret })
    await webhooks.POST(delivery('evt_1'))
    const response = await GET(asked('guess'))
    expect([response.status, await response.text()]).toEqual([401, '{"error":"unauthorized"}'])
    expect(handled).toEqual([])
  })

  test('after the reply, a delivery is handled within its request where there is a cron route', async () => {
    const { webhooks, handled } = webhooksOf()
    webhooks.drain({ secret })
    await webhooks.POST(delivery('evt_1'))
    expect(handled).toEqual([])
    await runAfter()
    expect(handled).toEqual(['evt_1'])
  })

  test('and on a platform that freezes processes, wherever the cron route was made', async () => {
    vi.stubEnv('VERCEL', '1')
    const { webhooks, handled } = webhooksOf()
    await webhooks.POST(delivery('evt_1'))
    await runAfter()
    expect(handled).toEqual(['evt_1'])
  })

  test('a retry that lies in the future is the cron’s', async () => {
    const { webhooks } = webhooksOf()
    const GET = webhooks.drain({ secret })
    webhooks.onEvent(
      'optimization.completed',
      () => {
        throw new Error('not yet')
      },
      { name: 'fails' },
    )
    await webhooks.POST(delivery('evt_1'))
    await runAfter()
    expect(await webhooks.inbox.counts()).toMatchObject({ scheduled: 1, active: 0 })
    expect(await (await GET(asked())).json()).toMatchObject({ handled: 0, more: false })
  })

  test('on a server without a cron route, nothing is handled: another process does', async () => {
    const { webhooks, handled } = webhooksOf()
    await webhooks.POST(delivery('evt_1'))
    await runAfter()
    expect(handled).toEqual([])
  })
})

describe.each([
  ['App Router', () => sematryxWebhooks({ secret: 's', logger: false })],
  ['Pages Router', () => sematryxPage({ secret: 's', logger: false })],
])('a drain of the %s without a secret', (_, make) => {
  test.each([undefined, '', ' padded', 'undefined'])('(%j) is an error at construction', (missing) => {
    const webhooks = make()
    onTestFinished(() => webhooks.stop())
    expect(() => webhooks.drain({ secret: missing })).toThrow(/^drain: .*secret/)
  })

  test('is none while next build evaluates the route', () => {
    vi.stubEnv('NEXT_PHASE', 'phase-production-build')
    const webhooks = make()
    onTestFinished(() => webhooks.stop())
    expect(typeof webhooks.drain({ secret: undefined })).toBe('function')
  })
})

test('made during next build, it is looked at with the first request', async () => {
  vi.stubEnv('NEXT_PHASE', 'phase-production-build')
  const { webhooks } = webhooksOf()
  await expect(webhooks.drain({ secret: undefined })(asked())).rejects.toThrow(/secret is undefined/)
  expect((await webhooks.drain({ secret })(asked())).status).toBe(200)
})

test('in the Pages Router it is an API route', async () => {
  const webhooks = sematryxPage({ secret: sematryxSecret, consume: false, logger: false, clock })
  webhooks.onAnyEvent(() => {})
  const running = await listen(webhooks.drain({ secret }), {})
  onTestFinished(async () => {
    await running.stop()
    await webhooks.stop()
  })
  const ask = (token: string) => fetch(running.origin, { headers: { authorization: `Bearer ${token}` } })
  expect((await ask('guess')).status).toBe(401)
  expect(await (await ask(secret)).json()).toMatchObject({ handled: 0, more: false })
})
