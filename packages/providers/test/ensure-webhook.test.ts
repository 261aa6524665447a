import { memoryInbox, type Notes } from '@hookport/core'
import { type ManualClock, manualClock } from '@hookport/core/testing'
import * as jaot from '@hookport/providers/jaot-api'
import * as sematryx from '@hookport/providers/sematryx-api'
import { startEmulator } from '@hookport/sender'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { recordedApi } from './support/recorded-api.ts'

/** What comes of it, while the time goes on by seconds. */
async function whileTimePasses<Result>(clock: ManualClock, work: Promise<Result>): Promise<Result> {
  let isOver = false
  const end = () => {
    isOver = true
  }
  work.then(end, end)
  await expect.poll(() => clock.advance(1_000).then(() => isOver)).toBe(true)
  return work
}

async function emulator() {
  const { url, close } = await startEmulator({ apiKeys: ['key'] })
  onTestFinished(close)
  const api = { apiKey: 'key', baseUrl: url }
  return {
    api,
    async registrations(): Promise<{ url: string; signed: boolean; enabled?: boolean }[]> {
      const answer = await fetch(`${url}/emulator/registrations`)
      return ((await answer.json()) as { registrations: never[] }).registrations
    },
  }
}

/** Sematryx, which asks the first request to wait for so many seconds. */
const busyApi = (seconds: number) =>
  recordedApi((_, count) =>
    count === 1
      ? { status: 429, headers: { 'retry-after': String(seconds) } }
      : { body: { id: `wh_${count}` } },
  )

test('a trigger of JAOT reports here, and is let run, done once or twice', async () => {
  const { api, registrations } = await emulator()
  const model = { documentId: 'doc_1', versionId: 'ver_1' }
  const { id } = await jaot.createTrigger({
    ...api,
    ...model,
    name: 'Nightly',
    webhookUrl: 'http://127.0.0.1:9/old',
  })
  await jaot.toggleTrigger({ ...api, id, enabled: false })
  const webhook = { ...api, id, url: 'http://127.0.0.1:9/new', secret: 'whsec_1' }
  expect(await jaot.ensureWebhook(webhook)).toMatchObject({ changed: ['url', 'enabled'] })
  expect(await registrations()).toMatchObject([
    { url: 'http://127.0.0.1:9/new', signed: true, enabled: true },
  ])
  expect(await jaot.ensureWebhook(webhook)).toMatchObject({ changed: [] })
  const ofHost = { ...webhook, url: 'https://Example.com' } // the API writes it as https://example.com/
  expect(await jaot.ensureWebhook(ofHost)).toMatchObject({ changed: ['url'] })
  expect(await jaot.ensureWebhook(ofHost)).toMatchObject({ changed: [] })
})

test.each([
  ['is about another trigger', { id: 'trg_2', is_enabled: true }, 'trg_1 was asked for'],
  ['says that it is still disabled', { id: 'trg_1', is_enabled: false }, 'trg_1 is still disabled'],
])(
  'a trigger of JAOT is not taken for one that reports where the answer %s',
  async (_, trigger, complaint) => {
    const { at } = await recordedApi(() => ({ body: { ...trigger, webhook_url: 'https://example.com/' } }))
    const ensuring = jaot.ensureWebhook({ ...at, id: 'trg_1', url: 'https://example.com/' })
    await expect(ensuring).rejects.toThrow(complaint)
  },
)

test('a webhook of Sematryx is registered once, though several processes start at the same moment', async () => {
  const { api, registrations } = await emulator()
  const webhook = {
    ...{ ...api, inbox: memoryInbox(), url: 'https://example.com/hook' },
    events: ['optimization.completed'],
  }
  const all = await Promise.all([1, 2, 3].map(() => sematryx.ensureWebhook(webhook)))
  expect(new Set(all.map(({ id }) => id)).size).toBe(1)
  expect(all.filter(({ isNew }) => isNew)).toHaveLength(1)
  expect(await registrations()).toHaveLength(1)
})

test('a trigger of JAOT is not made to report to what is no URL', async () => {
  const { api, registrations } = await emulator()
  const trigger = { ...api, documentId: 'doc_1', versionId: 'ver_1', name: 'Nightly' }
  const url = process.env.URL_THAT_IS_NOT_SET as string
  const webhookUrl = 'http://127.0.0.1:9/old'
  const { id } = await jaot.createTrigger({ ...trigger, webhookUrl })
  const message = /Url is "undefined(\/jaot)?"; it must be the whole URL/
  await expect(jaot.ensureWebhook({ ...api, id, url })).rejects.toThrow(message)
  await expect(jaot.ensureWebhook({ ...api, id, url: `${url}/jaot` })).rejects.toThrow(message)
  await expect(jaot.createTrigger({ ...trigger, webhookUrl: `${url}/jaot` })).rejects.toThrow(message)
  expect(await registrations()).toMatchObject([{ url: webhookUrl }])
})

test('a webhook of Sematryx is not registered for what is no URL', async () => {
  const { api, registrations } = await emulator()
  const url = process.env.URL_THAT_IS_NOT_SET as string
  const webhook = { ...api, inbox: memoryInbox(), url, events: ['optimization.completed'] }
  await expect(sematryx.ensureWebhook(webhook)).rejects.toThrow(
    /url is "undefined"; it must be the whole URL/,
  )
  expect(await registrations()).toEqual([])
})

test('a webhook that an emulator knows is none that Sematryx knows, though they share an inbox', async () => {
  const [emulated, real] = [await emulator(), await emulator()]
  const webhook = { inbox: memoryInbox(), url: 'https://example.com/hook', events: ['optimization.failed'] }
  for (const { api } of [emulated, real, emulated, real]) await sematryx.ensureWebhook({ ...webhook, ...api })
  expect(await emulated.registrations()).toHaveLength(1)
  expect(await real.registrations()).toHaveLength(1)
})

test('a webhook of Sematryx is registered once for an inbox, and anew for other events', async () => {
  const { api, registrations } = await emulator()
  const inbox = memoryInbox()
  const events = ['optimization.completed', 'optimization.failed']
  const webhook = { ...api, inbox, url: 'https://example.com/hook', events, secret: 'whsec_1' }
  const first = await sematryx.ensureWebhook(webhook)
  expect(first).toMatchObject({ isNew: true, events })
  expect(await sematryx.ensureWebhook({ ...webhook, events: [...events, ...events].reverse() })).toEqual({
    ...first,
    isNew: false,
  })
  expect(await registrations()).toHaveLength(1)
  expect(await sematryx.ensureWebhook({ ...webhook, events: ['optimization.failed'] })).toMatchObject({
    isNew: true,
  })
  expect(await registrations()).toHaveLength(2)
  expect(await sematryx.ensureWebhook({ ...webhook, url: 'https://example.com/other' })).toMatchObject({
    isNew: true,
  })
})

test('a webhook of Sematryx is registered once for a URL, in whichever letters it and that of the API are written', async () => {
  const { api, registrations } = await emulator()
  const webhook = { ...api, inbox: memoryInbox(), events: ['optimization.completed'] }
  const urls = ['https://Example.com', new URL('https://example.com'), 'HTTPS://example.com:443/']
  for (const url of urls) await sematryx.ensureWebhook({ ...webhook, url })
  for (const baseUrl of [`${api.baseUrl}/`, api.baseUrl.replace('http', 'HTTP')])
    await sematryx.ensureWebhook({ ...webhook, baseUrl, url: 'https://example.com/' })
  expect(await registrations()).toHaveLength(1)
  await sematryx.ensureWebhook({ ...webhook, url: 'https://example.com/Hook' })
  await sematryx.ensureWebhook({ ...webhook, url: 'https://example.com/hook' })
  expect(await registrations()).toHaveLength(3)
})

test('a webhook of Sematryx that was remembered by its URL as it was written is not registered anew, but for other events', async () => {
  const { api, registrations } = await emulator()
  const inbox = memoryInbox()
  const webhook = { ...api, inbox, url: 'https://Example.com/hook', events: ['optimization.completed'] }
  const names = new TextEncoder().encode(JSON.stringify([api.baseUrl, webhook.url]))
  const digest = Buffer.from(await crypto.subtle.digest('SHA-256', names)).toString('hex')
  const before = { id: 'wh_1', url: webhook.url, events: webhook.events }
  await inbox.notes?.write(`webhook:sematryx:${digest}`, JSON.stringify(before), undefined)
  expect(await sematryx.ensureWebhook(webhook)).toEqual({ ...before, isNew: false })
  expect(await registrations()).toEqual([])
  const more = { ...webhook, events: [...webhook.events, 'optimization.failed'] }
  const anew = await sematryx.ensureWebhook(more)
  expect(anew).toMatchObject({ isNew: true, events: more.events })
  expect(await sematryx.ensureWebhook(more)).toEqual({ ...anew, isNew: false })
})

test('a webhook of Sematryx is registered anew for as many events, of which one is another, and for one more', async () => {
  const { api, registrations } = await emulator()
  const webhook = { ...api, inbox: memoryInbox(), url: 'https://example.com/hook' }
  const [kept, other] = ['optimization.completed', 'optimization.failed']
  await sematryx.ensureWebhook({ ...webhook, events: [kept, 'optimization.cancelled'] as string[] })
  const anew = await sematryx.ensureWebhook({ ...webhook, events: [kept, other] as string[] })
  expect(anew).toMatchObject({ isNew: true, events: [kept, other] })
  expect(await registrations()).toHaveLength(2)
  const more = [kept, other, 'optimization.cancelled'] as string[]
  expect(await sematryx.ensureWebhook({ ...webhook, events: more })).toMatchObject({ isNew: true })
})

test('a webhook of Sematryx that was registered anew for other events is the one that is remembered', async () => {
  const { api, registrations } = await emulator()
  const webhook = { ...api, inbox: memoryInbox(), url: 'https://example.com/hook' }
  await sematryx.ensureWebhook({ ...webhook, events: ['optimization.completed'] })
  const events = ['optimization.failed']
  const anew = await sematryx.ensureWebhook({ ...webhook, events })
  expect(await sematryx.ensureWebhook({ ...webhook, events })).toEqual({ ...anew, isNew: false })
  expect(await registrations()).toHaveLength(2)
})

test('a webhook of Sematryx is not registered where nothing could remember it', async () => {
  const { api, registrations } = await emulator()
  const inbox = { ...memoryInbox(), name: 'forgetful', notes: undefined as never } // one of before there were notes
  const webhook = { ...api, inbox, url: 'https://example.com/hook', events: ['optimization.completed'] }
  await expect(sematryx.ensureWebhook(webhook)).rejects.toThrow(/^the forgetful inbox keeps no notes/)
  expect(await registrations()).toEqual([])
})

test('a webhook of Sematryx is registered once, though its API makes the first process wait for longer than a lease', async () => {
  const clock = manualClock()
  const api = await busyApi(100)
  const inbox = memoryInbox({ clock })
  const webhook = {
    ...api.at,
    clock,
    inbox,
    url: 'https://example.com/hook',
    events: ['optimization.failed'],
  }
  const first = sematryx.ensureWebhook({ ...webhook, maxWaitMs: 120_000 })
  await expect.poll(() => clock.pendingTimers, { message: 'the renewal and the wait' }).toBe(2)
  const second = sematryx.ensureWebhook(webhook).catch(({ message }) => message)
  await expect.poll(() => clock.pendingTimers, { message: 'its wait for the lead' }).toBe(3)
  await clock.advance(50_000)
  const third = sematryx.ensureWebhook(webhook)
  await expect.poll(() => clock.pendingTimers, { message: 'the wait of one more for the lead' }).toBe(4)
  await clock.advance(49_000)
  expect(await second).toBe('another process is registering this webhook')
  expect(api.lines()).toHaveLength(1)
  await clock.advance(1_000)
  expect(await first).toMatchObject({ id: 'wh_2', isNew: true })
  expect(await whileTimePasses(clock, third)).toMatchObject({ id: 'wh_2', isNew: false })
  expect(clock.pendingTimers).toBe(0)
  expect(await sematryx.ensureWebhook(webhook)).toMatchObject({ id: 'wh_2', isNew: false })
})

test('a webhook of Sematryx is registered once, though a process begins to wait in the middle of a registration that takes several leases', async () => {
  const clock = manualClock()
  const api = await busyApi(200)
  const webhook = {
    ...{ ...api.at, clock, inbox: memoryInbox({ clock }) },
    ...{ url: 'https://example.com/hook', events: ['optimization.failed'] },
  }
  const first = sematryx.ensureWebhook({ ...webhook, maxWaitMs: 300_000 })
  await expect.poll(() => clock.pendingTimers, { message: 'the renewal and the wait' }).toBe(2)
  await clock.advance(140_000)
  const second = sematryx.ensureWebhook(webhook)
  await expect.poll(() => clock.pendingTimers, { message: 'its wait for the lead' }).toBe(3)
  await clock.advance(59_000)
  expect(api.lines()).toHaveLength(1)
  await clock.advance(1_000)
  const registered = await first
  expect(registered).toMatchObject({ id: 'wh_2', isNew: true })
  expect(await whileTimePasses(clock, second)).toEqual({ ...registered, isNew: false })
  expect(api.lines()).toHaveLength(2)
})

test('an inbox that never answers a renewal of the lead keeps no registration waiting for more than 5 s', async () => {
  const clock = manualClock()
  const api = await busyApi(30)
  const { notes } = memoryInbox({ clock })
  let leads = 0
  const hanging = Object.assign(Object.create(notes ?? {}), {
    lead: () => (++leads === 1 ? true : new Promise<never>(() => {})),
  })
  const webhook = { ...api.at, clock, url: 'https://example.com/hook', events: ['optimization.failed'] }
  const registering = sematryx.ensureWebhook({ ...webhook, inbox: { name: 'hanging', notes: hanging } })
  await expect.poll(() => clock.pendingTimers, { message: 'the renewal and the wait' }).toBe(2)
  await clock.advance(30_000)
  await expect.poll(() => api.lines()).toHaveLength(2)
  expect(await whileTimePasses(clock, registering)).toMatchObject({ id: 'wh_2' })
  expect(leads).toBe(2)
})

test('the lead is given back after a renewal that is under way, which would take it again', async () => {
  const clock = manualClock()
  const api = await busyApi(21)
  const calls: string[] = []
  let renewed = () => {}
  const slow = Object.assign(Object.create(memoryInbox({ clock }).notes ?? {}), {
    lead: () =>
      calls.push('lead') === 1 || new Promise<boolean>((resolve) => (renewed = () => resolve(true))),
    resign: () => void calls.push('resign'),
    write: () => calls.push('write') > 0,
  })
  const webhook = { ...api.at, clock, url: 'https://example.com/hook', events: ['optimization.failed'] }
  const registering = sematryx.ensureWebhook({ ...webhook, inbox: { name: 'slow', notes: slow } })
  await expect.poll(() => clock.pendingTimers, { message: 'the renewal and the wait' }).toBe(2)
  await clock.advance(21_000)
  await expect.poll(() => calls).toEqual(['lead', 'lead', 'write'])
  await new Promise((resolve) => setImmediate(resolve))
  expect(calls).not.toContain('resign')
  renewed()
  await registering
  expect(calls).toEqual(['lead', 'lead', 'write', 'resign'])
})

test('a webhook of Sematryx is registered once, though the inbox never answers one of the renewals of the lead', async () => {
  const clock = manualClock()
  const api = await busyApi(100)
  const { notes } = memoryInbox({ clock })
  let leads = 0
  const lead = (...asked: Parameters<Notes['lead']>) =>
    ++leads === 2 ? new Promise<never>(() => {}) : notes?.lead(...asked)
  const inbox = { name: 'slow', notes: Object.assign(Object.create(notes ?? {}), { lead }) }
  const webhook = {
    ...api.at,
    clock,
    inbox,
    url: 'https://example.com/hook',
    events: ['optimization.failed'],
  }
  const first = sematryx.ensureWebhook({ ...webhook, maxWaitMs: 120_000 })
  await expect.poll(() => clock.pendingTimers, { message: 'the renewal and the wait' }).toBe(2)
  await clock.advance(70_000)
  const second = sematryx.ensureWebhook(webhook)
  await expect.poll(() => clock.pendingTimers, { message: 'its wait for the lead' }).toBe(3)
  await clock.advance(30_000)
  const registered = await whileTimePasses(clock, first)
  expect(await whileTimePasses(clock, second)).toEqual({ ...registered, isNew: false })
  expect(api.lines()).toHaveLength(2)
})

test('no renewal of a lead follows one that was under way as it was given back', async () => {
  const clock = manualClock()
  const api = await busyApi(30)
  const { notes } = memoryInbox({ clock })
  let leads = 0
  const lead = async (...asked: Parameters<Notes['lead']>) => {
    if (++leads === 2) await new Promise<void>((resolve) => clock.after(11_000, resolve))
    return notes?.lead(...asked)
  }
  const inbox = { name: 'slow', notes: Object.assign(Object.create(notes ?? {}), { lead }) }
  const webhook = {
    ...api.at,
    clock,
    inbox,
    url: 'https://example.com/hook',
    events: ['optimization.failed'],
  }
  const registering = sematryx.ensureWebhook(webhook)
  await expect.poll(() => clock.pendingTimers, { message: 'the renewal and the wait' }).toBe(2)
  await clock.advance(30_000)
  expect(await whileTimePasses(clock, registering)).toMatchObject({ id: 'wh_2' })
  await clock.advance(60_000)
  expect([leads, clock.pendingTimers]).toEqual([2, 0])
})

test('an inbox that never answers that the lead is given back keeps no registration waiting for more than 5 s', async () => {
  const clock = manualClock()
  const { at } = await recordedApi(() => ({ body: { id: 'wh_1' } }))
  const resign = vi.fn(() => new Promise<never>(() => {}))
  const hanging = Object.assign(Object.create(memoryInbox({ clock }).notes ?? {}), { resign })
  const webhook = { ...at, clock, url: 'https://example.com/hook', events: ['optimization.failed'] }
  const registering = sematryx.ensureWebhook({ ...webhook, inbox: { name: 'hanging', notes: hanging } })
  await expect.poll(() => resign.mock.calls.length).toBe(1)
  await clock.advance(5_000)
  expect(await registering).toMatchObject({ id: 'wh_1', isNew: true })
})

test('an inbox that fails at a renewal of the lead fails no registration, and holds none up', async () => {
  const clock = manualClock()
  const api = await busyApi(30)
  let leads = 0
  const failing = Object.assign(Object.create(memoryInbox({ clock }).notes ?? {}), {
    lead: async () => ++leads === 1 || Promise.reject(new Error('failing over')),
  })
  const webhook = { ...api.at, clock, url: 'https://example.com/hook', events: ['optimization.failed'] }
  const registering = sematryx.ensureWebhook({ ...webhook, inbox: { name: 'failing', notes: failing } })
  await expect.poll(() => clock.pendingTimers, { message: 'the renewal and the wait' }).toBe(2)
  await clock.advance(30_000)
  expect(await registering).toMatchObject({ id: 'wh_2' })
  expect(leads).toBe(2)
})

test('that a lead is renewed, and given back, keeps no process alive', async () => {
  const clock = manualClock()
  const inBackground = new Map<number, boolean>()
  const after: typeof clock.after = (delayMs, callback, options) => {
    inBackground.set(delayMs, options?.background === true)
    return clock.after(delayMs, callback)
  }
  const { at } = await recordedApi(() => ({ body: { id: 'wh_1' } }))
  const recorded = { now: clock.now, elapsed: clock.elapsed, after }
  const inbox = memoryInbox({ clock })
  const url = 'https://example.com/hook'
  await sematryx.ensureWebhook({ ...at, clock: recorded, inbox, url, events: ['optimization.failed'] })
  expect([...inBackground]).toEqual([
    [20_000, true],
    [5_000, true],
  ])
})

test('why a webhook of Sematryx was not registered is told, although the lead can not be given back', async () => {
  const { at } = await recordedApi(() => ({ status: 401, body: { error: 'no such key' } }))
  const inbox = memoryInbox()
  const notes = Object.assign(Object.create(inbox.notes ?? {}), {
    resign: () => {
      throw new Error('the store is away')
    },
  })
  const webhook = { ...at, inbox: { name: 'away', notes }, url: 'https://example.com/hook', events: ['x'] }
  await expect(sematryx.ensureWebhook(webhook)).rejects.toMatchObject({ code: 'unauthorized' })
})

describe('while another process registers a webhook of Sematryx', () => {
  const waiting = () => {
    const clock = manualClock()
    const none = () => Promise.reject(new Error('nobody may read or write without the lead'))
    const notes = { lead: async () => false, read: none, list: none, write: none, resign: none }
    const webhook = { apiKey: 'k', baseUrl: 'http://127.0.0.1:9', url: 'https://example.com/hook' }
    return {
      clock,
      webhook: { ...webhook, clock, inbox: { name: 'busy', notes }, events: ['optimization.failed'] },
    }
  }

  test('this one waits for a minute', async () => {
    const { clock, webhook } = waiting()
    let outcome = 'waits'
    const ensured = sematryx.ensureWebhook(webhook).catch(({ message }) => {
      outcome = message
    })
    await expect.poll(() => clock.pendingTimers).toBe(1)
    await clock.advance(60_000)
    expect(outcome).toBe('waits')
    await clock.advance(250)
    await ensured
    expect(outcome).toBe('another process is registering this webhook')
    expect(clock.pendingTimers).toBe(0)
  })

  test('nobody waits who has given up before', async () => {
    const { clock, webhook } = waiting()
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(sematryx.ensureWebhook({ ...webhook, signal })).rejects.toThrow('enough')
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('where the inbox fails at the moment at which it should remember a webhook of Sematryx', () => {
  /** Its notes can't be written so many times. */
  async function failing(times: number) {
    const clock = manualClock()
    const api = await recordedApi((_, count) => ({ body: { id: `wh_${count}` } }))
    const { notes } = memoryInbox({ clock })
    let failures = 0
    const broken: NonNullable<typeof notes> = Object.assign(Object.create(notes ?? {}), {
      write: (...note: Parameters<NonNullable<typeof notes>['write']>) =>
        ++failures <= times ? Promise.reject(new Error('failing over')) : notes?.write(...note),
    })
    const webhook = { ...api.at, clock, url: 'https://example.com/hook', events: ['optimization.failed'] }
    const ensure = async () => {
      const inbox = { name: 'broken', notes: broken }
      return whileTimePasses(clock, sematryx.ensureWebhook({ ...webhook, inbox }))
    }
    return { api, ensure, clock, inbox: { name: 'broken', notes: broken }, webhook, failures: () => failures }
  }

  test('it has a second to recover before each new attempt', async () => {
    const { clock, failures, inbox, webhook } = await failing(2)
    const ensuring = sematryx.ensureWebhook({ ...webhook, inbox })
    for (const failed of [1, 2]) {
      await expect.poll(failures).toBe(failed)
      await clock.advance(999)
      expect(failures()).toBe(failed)
      await clock.advance(1)
    }
    expect(await ensuring).toMatchObject({ id: 'wh_1' })
  })

  test('it is tried again, so that the next start does not register a second one', async () => {
    const { api, ensure } = await failing(2)
    expect(await ensure()).toMatchObject({ id: 'wh_1', isNew: true })
    expect(await ensure()).toMatchObject({ id: 'wh_1', isNew: false })
    expect(api.lines()).toHaveLength(1)
  })

  test('and goes on failing, the error names the webhook that nothing remembers', async () => {
    const { ensure } = await failing(100)
    const message = await ensure().catch((error) => `${error.message}: ${error.cause.message}`)
    expect(message).toMatch(/^the webhook wh_1 is registered .* could not remember it.*failing over$/)
  })
})
