import { once } from 'node:events'
import { Agent, createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Inbox, memoryInbox } from '@hookport/core'
import { inspector } from '@hookport/inspector'
import { deferred } from '@hookport/testkit/deferred'
import { silentLogger } from '@hookport/testkit/logs'
import { fastify } from 'fastify'
import { expect, onTestFinished, test, vi } from 'vitest'
import { resolveOptions } from '../src/options.ts'
import { keptInbox } from './support/kept-inbox.ts'
import { Visitor } from './support/visitor.ts'

const authorize = () => true

/** An inbox whose store does not answer, until it does. */
function hangingInbox() {
  const inbox = memoryInbox()
  let isHanging = true
  const hung = new Promise<never>(() => {})
  const hanging: Inbox = Object.assign(Object.create(inbox), {
    counts: () => (isHanging ? hung : inbox.counts()),
    list: (filter: object) => (isHanging ? hung : inbox.list(filter)),
  })
  const recover = () => {
    isHanging = false
  }
  return { hanging, recover }
}

test('a store that hangs is told of, by what is asked and by what is live, and asked anew when it is back', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { hanging, recover } = hangingInbox()
  const page = inspector(hanging, { authorize })
  onTestFinished(() => page.close())
  const visitor = new Visitor(page)
  const asked = ['standing', 'chart', 'events'].map((name) => visitor.ask(name))
  const live = await visitor.visit('/api/live')
  const reader = live.body?.pipeThrough(new TextDecoderStream()).getReader()
  let told = ''
  void (async () => {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true }
      if (done) return
      told += value
    }
  })()
  await vi.advanceTimersByTimeAsync(10_000)
  for (const answer of await Promise.all(asked))
    expect(answer).toMatchObject({ status: 503, value: { error: 'unavailable' } })
  expect(told).toContain('event: trouble')
  recover()
  await vi.advanceTimersByTimeAsync(12_000)
  expect(told).toContain('"counts"')
  expect((await visitor.ask('standing')).status).toBe(200)
})

test('an inbox that fails does not hide what another one has', async () => {
  const failing: Inbox = Object.assign(Object.create(memoryInbox()), {
    store: 'failing',
    counts: () => Promise.reject(new Error('the store is away')),
  })
  const page = inspector([failing, await keptInbox()], { authorize })
  onTestFinished(() => page.close())
  const { body } = await new Visitor(page).visit('/api/live')
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader() ?? expect.unreachable()
  expect((await reader.read()).value).toBe('retry: 2000\n\n')
  const { value = '' } = await reader.read()
  expect(JSON.parse(value.replace(/^data: /, ''))).toEqual({
    1: expect.objectContaining({ oldestPendingAt: expect.anything() }),
  })
  await reader.cancel()
})

test('what a slow store answers of the time before a change is not told after what is so since', async () => {
  const inbox = await keptInbox()
  const { counts } = inbox
  const slow = deferred<Awaited<ReturnType<typeof counts>>>()
  const before = await inbox.counts()
  const asking = vi
    .spyOn(inbox, 'counts')
    .mockImplementationOnce(() => slow.promise)
    .mockImplementation((filter) => counts.call(inbox, filter))
  const page = inspector(inbox, { authorize, refreshMs: 100 })
  onTestFinished(() => page.close())
  const visitor = await new Visitor(page).open()
  const reader = (await visitor.visit('/api/live')).body?.pipeThrough(new TextDecoderStream()).getReader()
  const read = async () => (await reader?.read())?.value
  expect(await read()).toBe('retry: 2000\n\n')
  await vi.waitFor(() => expect(asking).toHaveBeenCalledTimes(1), 10_000)
  await visitor.send('redrive', { keys: ['acme:evt_dead_1'] })
  expect(await read()).toContain('"dead":1')
  slow.resolve(before)
  await visitor.send('discard', { keys: ['acme:evt_dead_2'] })
  expect(await read()).toContain('"dead":0')
})

test('a page that is open asks in vain once the inspector is closed: a server comes to its end', async () => {
  const page = inspector(await keptInbox(), { authorize })
  const visitor = new Visitor(page)
  const live = await visitor.visit('/api/live')
  page.close()
  await live.text() // ends
  expect((await visitor.visit('/api/live')).status).toBe(503)
})

test('a server closes once the inspector is closed, though an open page goes on asking', async () => {
  const admitted = deferred<boolean>()
  const page = inspector(await keptInbox(), {
    authorize: ({ url }) => url.endsWith('/live') || admitted.promise,
  })
  const agent = new Agent({ keepAlive: true })
  const server = createServer({ keepAliveTimeout: 0 }, page).listen(0, '127.0.0.1') // an idle connection stays
  onTestFinished(() => {
    agent.destroy()
    server.closeAllConnections()
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const ask = (what: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      get({ port, host: '127.0.0.1', path: `/hookport/api/${what}`, agent }, resolve).on('error', reject)
    })
  const live = await ask('live')
  const asked = once(server, 'request')
  const answer = ask('session')
  await asked
  page.close()
  const closed = once(server.close(), 'close')
  live.resume()
  admitted.resolve(true)
  const session = (await answer).resume()
  expect([live, session].map(({ headers }) => headers.connection)).toEqual(['close', 'close'])
  await closed
})

test('Fastify closes with a page open, by itself', async () => {
  const page = inspector(await keptInbox(), { authorize })
  const app = fastify()
  app.register(page.fastify, { prefix: '/hookport' })
  const live = await fetch(`${await app.listen({ port: 0 })}/hookport/api/live`)
  await app.close()
  expect(await live.text()).toContain('retry') // ended
})

test('who has left while it was found out whether they may look has no stream kept', async () => {
  let admit: (isIn: boolean) => void = () => {}
  const admitted = new Promise<boolean>((resolve) => {
    admit = resolve
  })
  const page = inspector(await keptInbox(), { authorize: () => admitted })
  const leaving = new AbortController()
  const asked = page.fetch(new Request('http://localhost/hookport/api/live', { signal: leaving.signal }))
  leaving.abort()
  admit(true)
  expect(await (await asked).text()).toBe('')
})

test('who asks for no more than the headers has no stream kept: fifty of them keep nobody out', async () => {
  const page = inspector(await keptInbox(), { authorize })
  onTestFinished(() => page.close())
  const visitor = new Visitor(page)
  for (let asked = 1; asked <= 50; asked++) {
    const { status, headers } = await visitor.visit('/api/live', { method: 'HEAD' })
    expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  }
  const live = await visitor.visit('/api/live')
  expect(live.status).toBe(200)
  await live.body?.cancel()
})

test('who opens a page after all others have left is not first shown what was counted for them', async () => {
  const page = inspector(await keptInbox(), { authorize })
  onTestFinished(() => page.close())
  const visitor = new Visitor(page)
  const open = async () => {
    const reader = (await visitor.visit('/api/live')).body?.pipeThrough(new TextDecoderStream()).getReader()
    return reader ?? expect.unreachable()
  }
  const first = await open()
  expect((await first.read()).value).toBe('retry: 2000\n\n')
  expect((await first.read()).value).toContain('"counts"')
  await first.cancel()
  const second = await open()
  expect((await second.read()).value).toBe('retry: 2000\n\n')
  await second.cancel()
})

test('an open page hears something every 15 s, though nothing changes: it would take the connection for dead', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const page = inspector(await keptInbox(), { authorize })
  const told = (await new Visitor(page).visit('/api/live')).text()
  await vi.advanceTimersByTimeAsync(31_000)
  page.close()
  expect((await told).match(/^event: beat\ndata: /gm)).toHaveLength(2)
})

test('an open page is updated every 2 s at most, where nothing else is said', () => {
  expect(resolveOptions({ authorize }, { logger: silentLogger, redact: [] })).toMatchObject({
    refreshMs: 2_000,
  })
})
