import { createReceiver, type Inbox, type Logger, memoryInbox } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { inspector } from '@hookport/inspector'
import { sematryx } from '@hookport/providers/sematryx'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { recordedLogger } from '@hookport/testkit/logs'
import { describe, expect, test } from 'vitest'
import { keptInbox, putDead } from './support/kept-inbox.ts'
import { Visitor } from './support/visitor.ts'

const authorize = () => true

async function visitorOf(inbox: Inbox): Promise<Visitor> {
  return new Visitor(inspector(inbox, { authorize })).open()
}

/** The same request, as a slow network brings its body. */
async function byteByByte(request: Request): Promise<Request> {
  if (request.body === null) return request
  const { url, method, headers } = request
  const body = await request.bytes()
  const pieces = Array.from(body, (_, at) => body.subarray(at, at + 1))
  return new Request(url, { method, headers, body: ReadableStream.from(pieces), duplex: 'half' })
}

describe('a change', () => {
  test('redrives dead letters by their keys, and says which were not found', async () => {
    const inbox = await keptInbox()
    const visitor = await visitorOf(inbox)
    const answer = await visitor.send('redrive', {
      keys: ['acme:evt_dead_1', 'acme:evt_waits', 'acme:unknown'],
    })
    expect(answer).toEqual({
      status: 200,
      value: { redriven: 1, notFound: ['acme:evt_waits', 'acme:unknown'] },
    })
    expect(await inbox.counts()).toMatchObject({ dead: 1, pending: 2 })
  })

  test('is seen at once in the counts and in the chart, however lately they were looked up', async () => {
    const visitor = await visitorOf(await keptInbox())
    const dead = async () => {
      const { counts } = (await visitor.ask('standing')).value
      const { series } = (await visitor.ask('chart')).value
      return [counts.dead, series.dead.reduce((sum: number, count: number) => sum + count, 0)]
    }
    expect(await dead()).toEqual([2, 2])
    await visitor.send('redrive', { keys: ['acme:evt_dead_1'] })
    expect(await dead()).toEqual([1, 1])
  })

  test('discards events by their keys', async () => {
    const inbox = await keptInbox()
    const answer = await (await visitorOf(inbox)).send('discard', {
      keys: ['acme:evt_dead_2', 'acme:evt_waits'],
    })
    expect(answer.value).toEqual({ discarded: 2, notFound: [] })
    expect(await inbox.counts()).toMatchObject({ dead: 1, pending: 0 })
  })

  test('discards only what is still in the state in which it was shown', async () => {
    const inbox = await keptInbox()
    const visitor = await visitorOf(inbox)
    const keys = ['acme:evt_dead_1', 'acme:evt_dead_2']
    await inbox.redrive('acme:evt_dead_1') // by somebody else, meanwhile
    const { value } = await visitor.send('discard', { keys, state: 'dead' })
    expect(value).toEqual({ discarded: 1, notFound: ['acme:evt_dead_1'] })
    expect(await inbox.counts()).toMatchObject({ dead: 0, pending: 2 })
  })

  test('that fails on the way is in the log as far as it was made, and seen in the counts', async () => {
    const inbox = await keptInbox()
    const { redrive } = inbox
    const failing = async (key: string) => {
      if (key === 'acme:evt_dead_2') throw new Error('the store is away')
      return redrive.call(inbox, key)
    }
    const lines: unknown[] = []
    const logger: Logger = { debug() {}, warn() {}, error() {}, info: (...line) => lines.push(line) }
    const page = inspector(Object.assign(inbox, { redrive: failing }), { authorize, logger })
    const visitor = await new Visitor(page).open()
    expect((await visitor.ask('standing')).value.counts.dead).toBe(2)
    const keys = ['acme:evt_dead_2', 'acme:evt_dead_1']
    expect((await visitor.send('redrive', { keys })).status).toBe(503)
    expect(lines).toEqual([[{ inbox: 'memory', by: undefined, events: 1 }, 'redriven in the inspector']])
    expect((await visitor.ask('standing')).value.counts.dead).toBe(1)
  })

  test('runs every handler again only where that is asked for', async () => {
    const inbox = await keptInbox()
    const visitor = await visitorOf(inbox)
    await visitor.send('redrive', { keys: ['acme:evt_dead_1'] })
    await visitor.send('redrive', { keys: ['acme:evt_dead_2'], again: true })
    expect((await inbox.get('acme:evt_dead_1'))?.progress.replay).toBeUndefined()
    expect((await inbox.get('acme:evt_dead_2'))?.progress.replay).toBeDefined()
  })

  test('goes through the receiver, whose observers are told, and the log says who did it', async () => {
    const inbox = memoryInbox()
    const key = await putDead(inbox, { source: 'plans', id: 'evt_1' })
    const redriven: string[] = []
    const receiver = createReceiver({
      provider: sematryx({ secret: 'whsec_0123456789' }),
      name: 'plans',
      inbox,
      consume: false,
      observers: { redriven: ({ key }) => redriven.push(key) },
    })
    const lines: unknown[] = []
    const logger: Logger = { debug() {}, warn() {}, error() {}, info: (...line) => lines.push(line) }
    const page = inspector(receiver, { logger, authorize: () => ({ name: 'ada' }) })
    await (await new Visitor(page).open()).send('redrive', { keys: [key] })
    expect(redriven).toEqual([key])
    expect(lines).toEqual([[{ inbox: 'memory', by: 'ada', events: 1, key }, 'redriven in the inspector']])
    await receiver.stop()
  })

  test.each([
    [{}],
    [{ keys: 'acme:evt_dead_1' }],
    [{ keys: [1] }],
    [{ keys: Array.from({ length: 501 }, () => 'acme:evt_dead_1') }],
    [['acme:evt_dead_1']],
    [null],
  ])('that is malformed is refused: %j', async (wanted) => {
    const inbox = await keptInbox()
    expect((await (await visitorOf(inbox)).send('redrive', wanted)).status).toBe(400)
    expect(await inbox.counts()).toMatchObject({ dead: 2 })
  })

  test('whose letters come in pieces is read as it was sent', async () => {
    const inbox = memoryInbox()
    const key = await putDead(inbox, { source: 'größe', id: '注文🧾' })
    const page = inspector(inbox, { authorize })
    const visitor = new Visitor({ fetch: async (request) => page.fetch(await byteByByte(request)) })
    const answer = await (await visitor.open()).send('redrive', { keys: [key] })
    expect(answer.value).toEqual({ redriven: 1, notFound: [] })
  })

  test('of another kind is none', async () => {
    const visitor = await visitorOf(await keptInbox())
    for (const name of ['constructor', 'close', 'events'])
      expect((await visitor.send(name, { keys: [] })).status).toBe(404)
    expect((await visitor.send('redrive', { keys: [], store: '7' })).status).toBe(404)
  })

  test('of a receiver that can not do it is refused, and of one that can is done', async () => {
    const { logger } = recordedLogger()
    const unable = {
      provider: 'sematryx',
      source: 'sematryx',
      inbox: memoryInbox(),
      logger,
      eventTypes: [],
      redrive: async () => false,
    }
    const without = await new Visitor(inspector(unable, { authorize })).open()
    expect((await without.send('pause', { source: 'sematryx' })).value.error).toBe('unable')

    const asked: unknown[] = []
    const note = (name: string) => async (argument: unknown) => asked.push([name, argument])
    const able = Object.assign({}, unable, {
      pause: note('pause'),
      resume: note('resume'),
      replay: note('replay'),
    })
    const visitor = await new Visitor(inspector(able, { authorize: () => ({ name: 'ada' }) })).open()
    const [{ sources }] = (await visitor.ask('session')).value.stores
    expect(sources[0].can).toEqual({ replay: true, pause: true })
    await visitor.send('pause', { source: 'sematryx', handler: 'charge' })
    await visitor.send('resume', { source: 'sematryx' })
    await visitor.send('replay', { source: 'sematryx', from: 5, type: 'order.paid', again: false, evil: 1 })
    await visitor.send('replay', { source: 'sematryx', dryRun: true, id: 'r1', limit: 200 })
    expect(asked).toEqual([
      ['pause', { handler: 'charge', reason: 'paused in the inspector by ada' }],
      ['resume', {}],
      ['replay', { from: 5, type: 'order.paid', again: false }],
      ['replay', { limit: 200, id: 'r1', dryRun: true }],
    ])
  })
})

describe('a receiver that is there, and no stand-in', () => {
  test('is paused, resumed and has replayed what the page asks for', async () => {
    const ran: string[] = []
    const clock = manualClock(Date.UTC(2026, 0, 1))
    const receiver = createReceiver({
      provider: sematryx({ secret: 'whsec_0123456789' }),
      inbox: memoryInbox({ clock }),
      keepHandledFor: 3_600_000,
      logger: false,
      clock,
    })
    for (const name of ['charge', 'mail'])
      receiver.onAnyEvent(({ id }) => void ran.push(`${name} ${id}`), { name })
    const visitor = await new Visitor(inspector(receiver, { authorize: () => ({ name: 'ada' }) })).open()
    const send = (name: string, wanted: object = {}) => visitor.send(name, { source: 'sematryx', ...wanted })
    const put = (id: string) =>
      receiver.inbox.put(eventRecord({ source: 'sematryx', id, type: 'test', receivedAt: clock.now() }), {
        rememberMs: 1e9,
      })
    const [{ sources }] = (await visitor.ask('session')).value.stores
    expect(sources[0].can).toEqual({ replay: true, pause: true })

    expect((await send('pause')).status).toBe(200)
    expect((await send('pause', { handler: 'mail', reason: 'no SMTP' })).status).toBe(200)
    expect((await visitor.ask('paused')).value).toEqual([
      { source: 'sematryx', reason: 'paused in the inspector by ada', since: clock.now() },
      { source: 'sematryx', handler: 'mail', reason: 'no SMTP', since: clock.now() },
    ])
    await put('evt_1')
    await receiver.idle()
    expect(ran).toEqual([])
    await send('resume')
    await receiver.idle()
    expect(ran).toEqual(['charge evt_1'])
    await send('resume', { handler: 'mail' })
    expect((await visitor.ask('paused')).value).toEqual([])
    await clock.advance(60_000)
    await receiver.idle()
    expect(ran).toEqual(['charge evt_1', 'mail evt_1'])

    await put('evt_2')
    await receiver.idle()
    const from = clock.now()
    const wanted = { from, to: from + 1, type: 'test', handler: 'charge', again: true, limit: 200, id: 'r1' }
    expect((await send('replay', { ...wanted, dryRun: true })).value.result).toMatchObject({ replayed: 1 })
    const replaying = send('replay', wanted)
    await clock.advance(1_000)
    expect((await replaying).value.result).toEqual({ id: 'r1', replayed: 1, passedOver: 0, isComplete: true })
    await receiver.idle()
    expect(ran.slice(4)).toEqual(['charge evt_2'])
    await receiver.stop()
  })

  test('says what is wrong with what it was asked for', async () => {
    const receiver = createReceiver({
      provider: sematryx({ secret: 'whsec_0123456789' }),
      inbox: memoryInbox(),
      logger: false,
    })
    receiver.onAnyEvent(() => {}, { name: 'charge' })
    const { logger } = recordedLogger()
    const visitor = await new Visitor(inspector(receiver, { authorize, logger })).open()
    const replay = await visitor.send('replay', { source: 'sematryx', handler: 'chrage' })
    expect(replay).toMatchObject({
      status: 503,
      value: { error: 'invalid_option', message: expect.stringContaining('charge') },
    })
    const pause = await visitor.send('pause', { source: 'sematryx', reason: 'x'.repeat(501) })
    expect(pause).toMatchObject({
      status: 503,
      value: { error: 'invalid_option', message: expect.stringContaining('500') },
    })
    await receiver.stop()
  })
})

describe('a change that does not come from the page', () => {
  const wanted = { keys: ['acme:evt_dead_1'] }

  test.each<[string, Record<string, string>]>([
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
    ['from another name of the same site', { 'sec-fetch-site': 'same-site' }],
    ['from nowhere, as a bookmark does', { 'sec-fetch-site': 'none' }],
    ['as a form sends it', { 'content-type': 'text/plain' }],
    ['without its token', { 'x-hookport-change': '' }],
    ['with another token', { 'x-hookport-change': 'x'.repeat(43) }],
  ])('is refused: %s', async (_, headers) => {
    const inbox = await keptInbox()
    const answer = await (await visitorOf(inbox)).send('redrive', wanted, headers)
    expect([403, 415]).toContain(answer.status)
    expect(await inbox.counts()).toMatchObject({ dead: 2 })
  })

  test('is refused where an old browser says that its origin is another', async () => {
    const inbox = await keptInbox()
    const visitor = await visitorOf(inbox)
    const change = (origin?: string) => {
      const headers = new Headers({
        host: 'localhost:3000',
        'content-type': 'application/json',
        'x-hookport-change': visitor.change,
        cookie: [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(origin !== undefined && { origin }),
      })
      const request = { method: 'POST', headers, body: JSON.stringify(wanted) }
      return inspector(inbox, { authorize }).fetch(
        new Request('http://localhost:3000/hookport/api/redrive', request),
      )
    }
    for (const origin of [undefined, 'null', 'http://evil.example', 'http://localhost:4000']) {
      expect((await change(origin)).status).toBe(403)
    }
    expect(await inbox.counts()).toMatchObject({ dead: 2 })
    // What a browser sends by plain http, through a proxy that names another host.
    expect(await (await change('http://ops.example')).json()).toMatchObject({
      message: expect.stringContaining('A proxy in front must pass on the host that the browser names'),
    })
    expect((await change('http://localhost:3000')).status).toBe(200)
  })

  test('is refused without the cookie that goes with the token', async () => {
    const inbox = await keptInbox()
    const visitor = await visitorOf(inbox)
    visitor.cookies.clear()
    expect((await visitor.send('redrive', wanted)).value.error).toBe('change_token')
    visitor.cookies.set('hookport-change', '')
    visitor.change = ''
    expect((await visitor.send('redrive', wanted)).value.error).toBe('change_token')
    expect(await inbox.counts()).toMatchObject({ dead: 2 })
  })

  test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD'])('is refused as %s', async (method) => {
    const inbox = await keptInbox()
    const visitor = await visitorOf(inbox)
    const headers = { 'x-hookport-change': visitor.change, 'sec-fetch-site': 'same-origin' }
    const response = await visitor.visit('/api/redrive?keys=acme:evt_dead_1', { method, headers })
    expect([404, 405]).toContain(response.status)
    expect(await inbox.counts()).toMatchObject({ dead: 2 })
  })
})

describe('every reply', () => {
  test('is for no frame, no cache and no other site, and runs nothing but our own files', async () => {
    const visitor = await visitorOf(await keptInbox())
    for (const path of [
      '',
      '/api/events',
      '/api/nothing',
      '/assets/app.js',
      '/api/body?key=acme:evt_dead_1',
    ]) {
      const { headers } = await visitor.visit(path)
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toMatch(/unsafe|data:|https?:|\*/)
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      if (!path.startsWith('/assets')) expect(headers.get('cache-control')).toContain('no-store')
    }
  })

  test.each([
    [
      'a frame',
      { 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
      '',
    ],
    ['a frame of our own site', { 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'same-origin' }, ''],
    ['an object', { 'sec-fetch-dest': 'object', 'sec-fetch-site': 'same-origin' }, ''],
    ['a script of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }, '/api/events'],
    [
      'a script tag of another site',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
      '/api/events',
    ],
    [
      'a link of another site to data',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
      '/api/events',
    ],
  ])('is a refusal for %s', async (_, headers, path) => {
    const visitor = await visitorOf(await keptInbox())
    const response = await visitor.visit(path, { headers })
    expect(response.status).toBe(403)
    expect(await response.text()).not.toContain('evt_')
  })

  test('to a link of another site is the page', async () => {
    const visitor = await visitorOf(await keptInbox())
    const headers = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    }
    expect((await visitor.visit('', { headers })).status).toBe(200)
  })

  test('has no markup of the address in it', async () => {
    const visitor = await visitorOf(await keptInbox())
    for (const path of [
      '/"><script>alert(1)</script>',
      "/'onload=alert(1)",
      '/%22%3E%3Cscript%3E',
      '/api/"><b>',
    ]) {
      const text = await (await visitor.visit(path)).text()
      expect(text).not.toMatch(/<script>|<b>|"onload|'onload/)
    }
  })
})
