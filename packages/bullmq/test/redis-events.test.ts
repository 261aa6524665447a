import type { TakenEvent, TakeRequest } from '@hookport/core/inbox-kit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { RedisEvents } from '../src/consume/redis-events.ts'
import { toJobData } from '../src/layout/job-data.ts'
import { Keys } from '../src/layout/keys.ts'
import { FakeLink, found, goOn, jobAnswer, nothing } from './support/fake-link.ts'
import { done, sampleEvent, sampleFailure } from './support/sample-event.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

const request: TakeRequest = {
  source: 'sematryx',
  limit: 4,
  alone: false,
  leaseMs: 30_000,
  wanted: { types: 'all', others: 'park' },
  parking: { keepMs: 1_000, maxBytes: 1_000 },
  running: new Set(),
}

function events() {
  const link = new FakeLink()
  const options = { source: 'sematryx', keepDeadFor: Number.POSITIVE_INFINITY }
  const store = new RedisEvents(link.asLink, new Keys('{hookport}', 'webhooks'), options, () => {})
  const take = () => store.take(() => request)
  return { link, store, take }
}

/** An event that was taken. */
async function taken({ link, take }: ReturnType<typeof events>): Promise<TakenEvent> {
  link.answers.take = () => found(sampleEvent())
  const [event] = (await take()).events
  return event as TakenEvent
}

const lost = new Error('Connection is closed.')

test('a verdict that Redis has stored is not told to be void', async () => {
  const all = events()
  const event = await taken(all)
  all.link.answers.done = () => 1
  expect(await all.store.conclude(event, done)).toBe(true)
})

describe('a verdict that Redis does not know what to do with', () => {
  test('is void where it was sent once: another has the event', async () => {
    const all = events()
    const event = await taken(all)
    all.link.answers.done = () => 0
    expect(await all.store.conclude(event, done)).toBe(false)
  })

  test('was heard the first time where it was sent twice, as its reply was lost', async () => {
    const all = events()
    const event = await taken(all)
    all.link.answers.done = () => 0
    all.link.breaks = true
    expect(await all.store.conclude(event, done)).toBe(true)
  })

  test('was heard before where it has failed before', async () => {
    const all = events()
    const event = await taken(all)
    all.link.errors.push(lost)
    await expect(all.store.conclude(event, done)).rejects.toThrow(lost)
    all.link.answers.done = () => 0
    expect(await all.store.conclude(event, done)).toBe(true)
  })
})

describe('a taking', () => {
  const tokenAndAgain = (args: unknown[]) => [args[0], args[9]]

  test('has a token of its own, unless the answer of the one before was lost: then it asks for the same again', async () => {
    const { link, take } = events()
    await take()
    link.errors.push(lost)
    await expect(take()).rejects.toThrow(lost)
    await take()
    link.breaks = true
    await take()
    const [first, broken, again, repeated] = link.of('take').map(tokenAndAgain)
    expect(broken?.[0]).not.toBe(first?.[0])
    expect(again?.[0]).toBe(broken?.[0])
    expect(repeated?.[0]).not.toBe(again?.[0])
    expect([first, broken, again, repeated].map((one) => one?.[1])).toEqual(['0', '0', '1', '1'].map(Number))
  })

  test('comes after the verdicts of its turn, so that it takes what they have made due', async () => {
    const all = events()
    const event = await taken(all)
    await Promise.all([all.take(), all.store.conclude(event, done)])
    expect(all.link.turns.at(-1)?.map(([name]) => name)).toEqual(['done', 'take'])
  })

  test('leaves the verdicts of its turn in their order, as what is first due after them is taken first', async () => {
    const all = events()
    all.link.answers.take = () => found(...['one', 'two', 'three'].map((id) => sampleEvent({ id })))
    const taken = (await all.take()).events
    await Promise.all([all.take(), ...taken.map((event) => all.store.conclude(event, done))])
    const [...turn] = all.link.turns.at(-1) ?? []
    expect(turn.map(([name, jobId]) => (name === 'done' ? jobId : name))).toEqual([
      'sematryx|one',
      'sematryx|two',
      'sematryx|three',
      'take',
    ])
  })

  test('names what runs here, and nothing else, where all types are wanted', async () => {
    const { link, store } = events()
    await store.take(() => ({ ...request, running: new Set(['sematryx:one']) }))
    expect(link.of('take')[0]?.slice(10)).toEqual([-1, 'sematryx|one'])
  })

  test('tells of what was parked, without what it can not read', async () => {
    const { link, take } = events()
    const { rawBody: _, ...event } = sampleEvent()
    const reports = [
      [JSON.stringify({ ...event, fingerprint: String(event.fingerprint), bytes: 0 }), 'parked'],
      ['{}', 'expired'],
      ['no JSON', 'expired'],
    ]
    link.answers.take = () => nothing({ reports })
    expect((await take()).reports).toEqual([{ event, outcome: 'parked' }])
  })

  test('begins a dead letter anew that a dashboard has brought back: only what has succeeded is kept', async () => {
    const { link, store, take } = events()
    const event = sampleEvent()
    const before = {
      attempt: 3,
      completed: ['notify'],
      abandoned: [sampleFailure],
      failures: [sampleFailure],
    }
    const job = jobAnswer(event.key, JSON.stringify(toJobData(event)), before)
    link.answers.take = () => [[job, [...job.slice(0, -1), 1]], 1_000, -1, 0, []]
    const [again, redriven] = (await take()).events as [TakenEvent, TakenEvent]
    expect(again).toMatchObject({ attempt: 3, progress: { abandoned: [sampleFailure] } })
    expect(redriven).toMatchObject({ attempt: 1, progress: { completed: ['notify'], abandoned: [] } })
    for (const each of [again, redriven]) await store.checkpoint(each, each.progress)
    expect(link.of('checkpoint').map(([, , stored]) => JSON.parse(String(stored)))).toEqual([
      before,
      { attempt: 1, completed: ['notify'], abandoned: [], failures: [] },
    ])
  })

  test.each(['{"not":"an event"}', '{"key":"sematryx:a"}', '{"key":5,"fingerprint":"1"}', 'null', 'no JSON'])(
    'hands out no job that something else has added: %s',
    async (data) => {
      const { link, take } = events()
      link.answers.take = () => [[jobAnswer('stranger', data)], 1_000, -1, 0, []]
      expect((await take()).events).toEqual([])
      await goOn()
      expect(link.of('dead')).toHaveLength(1)
    },
  )

  test('makes a failed job of one that it can not read, under its token, and goes on where that fails', async () => {
    const { link, take } = events()
    link.answers.take = (token) => {
      expect(String(token)).toMatch(/^[-0-9a-f]{36}:\d+$/)
      return [[jobAnswer('stranger', '{"not":"an event"}')], 1_000, -1, 0, []]
    }
    expect((await take()).events).toEqual([])
    link.errors.push(lost)
    await goOn()
    expect((await take()).events).toEqual([])
    await goOn()
    const [[firstToken], [nextToken]] = link.of('take') as [[string], [string]]
    expect(link.of('dead').map((args) => args.slice(0, 2))).toEqual([
      ['stranger', firstToken],
      ['stranger', nextToken],
    ])
  })
})

describe('order keys whose event in front was removed in a dashboard', () => {
  test('are looked for every five seconds, in the call of a taking, from where the last look ended', async () => {
    const { link, take } = events()
    const looks = () => link.of('freeLines').map(([from]) => from)
    link.answers.freeLines = () => 'a place'
    await take()
    vi.advanceTimersByTime(4_999)
    await take()
    expect(looks()).toEqual([])
    vi.advanceTimersByTime(1)
    await take()
    await take()
    expect(looks()).toEqual([''])
    expect(link.turns).toHaveLength(4)
    vi.advanceTimersByTime(5_000)
    await take()
    expect(looks()).toEqual(['', 'a place'])
  })

  test('are looked for from the beginning where the last look failed, and takings go on', async () => {
    const { link, take } = events()
    link.answers.freeLines = () => 'a place'
    vi.advanceTimersByTime(5_000)
    await take()
    link.answers.freeLines = () => ['error', 'WRONGTYPE']
    vi.advanceTimersByTime(5_000)
    await take()
    vi.advanceTimersByTime(5_000)
    await take()
    expect(link.of('freeLines').map(([from]) => from)).toEqual(['', 'a place', ''])
  })
})

test('a step that fails as Redis can not be written to fails the whole call, which is sent elsewhere', async () => {
  const all = events()
  const event = await taken(all)
  all.link.answers.done = () => ['error', "READONLY You can't write against a read only replica."]
  const results = await Promise.allSettled([all.take(), all.store.conclude(event, done)])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

test('what can not be encoded, and what Redis refuses, fails alone: each neighbour in the same call has its own answer', async () => {
  const all = events()
  const ids = ['unwritable', 'lost', 'refused', 'held']
  all.link.answers.take = () => found(...ids.map((id) => sampleEvent({ id })))
  const taken = (await all.take()).events
  const answers: Record<string, unknown> = { lost: 0, refused: ['error', 'WRONGTYPE'], held: 1 }
  all.link.answers.park = (jobId) => answers[String(jobId).replace('sematryx|', '')]
  const unwritable = {
    toJSON() {
      throw 'has no text' // not an Error
    },
  } as never
  const told = taken.map((event) => {
    const completed = event.event.id === 'unwritable' ? [unwritable] : []
    return all.store.conclude(event, { outcome: 'park', progress: { ...event.progress, completed } })
  })
  const results = await Promise.allSettled(told)
  expect(results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason))).toEqual([
    expect.objectContaining({ message: 'has no text' }),
    false,
    expect.objectContaining({ message: expect.stringContaining('WRONGTYPE') }),
    true,
  ])
  expect(all.link.of('park')).toHaveLength(3)
})
