import { noProgress } from '@hookport/core'
import { inAnotherProcess } from '@hookport/core/testing'
import { type Deferred, deferred } from '@hookport/testkit/deferred'
import { recordedLogger } from '@hookport/testkit/logs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { RedisConsumer } from '../src/consume/redis-consumer.ts'
import { Keys } from '../src/layout/keys.ts'
import { FakeLink, found, goOn, nothing } from './support/fake-link.ts'
import { sampleEvent } from './support/sample-event.ts'

const started: { gate: Deferred<undefined>; consumer: RedisConsumer }[] = []

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }))

afterEach(async () => {
  for (const { gate, consumer } of started.splice(0)) {
    gate.resolve(undefined)
    await consumer.stop()
  }
  vi.useRealTimers()
})

/** A consumer of a Redis that does as the test says. Its handlers end with the test. */
async function consuming({
  types = 'all',
  concurrency = 1,
  ear = {},
  isPaused = () => false,
}: {
  types?: 'all' | string[]
  concurrency?: number
  /** Its connection for waiting can't be had while it has an error. */
  ear?: { error?: Error | undefined }
  isPaused?: () => boolean
} = {}) {
  const link = new FakeLink()
  const markers: ((marker: unknown) => void)[] = []
  const bzpopmin = () => new Promise((resolve) => markers.push(resolve))
  const untilReady = async () => {
    if (ear.error) throw ear.error
  }
  const blocking = { client: { bzpopmin }, untilReady, abandon() {} }
  const gate = deferred<undefined>()
  const { logger, lines } = recordedLogger()
  const parts = {
    keys: new Keys('{hookport}', 'webhooks'),
    link: link.asLink,
    blockingLink: blocking as never,
    leaseMs: 30_000,
    keepDeadFor: Number.POSITIVE_INFINITY,
    whenTaken() {},
    onStopped() {},
  }
  const work = async () => {
    await gate.promise
    return { outcome: 'done', progress: noProgress } as const
  }
  const options = {
    source: 'sematryx',
    concurrency,
    logger,
    wanted: () => ({ types, others: 'park' }) as const,
    parking: { keepMs: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY },
    report() {},
    running: () => new Set<string>(),
    isPaused,
  }
  const consumer = inAnotherProcess(() => new RedisConsumer(work, options, parts))
  started.push({ gate, consumer })
  await goOn()
  /** As often as Redis is asked. */
  const wake = async (afterMs = 0) => {
    vi.advanceTimersByTime(afterMs)
    consumer.wake()
    await goOn()
  }
  return { consumer, link, markers, lines, wake }
}

const marker = ['marker', '0', '0']

describe('the marker, which one of all waiting processes gets', () => {
  test('is a reason to ask for who has free hands, and is waited for again', async () => {
    const { link, markers } = await consuming()
    expect([link.of('take').length, markers.length]).toEqual([1, 1])
    markers[0]?.(marker)
    await goOn()
    expect([link.of('take').length, markers.length]).toEqual([2, 2])
    expect(link.scripts).toEqual([])
  })

  test('is passed on by who has none, so that another process hears of what is due', async () => {
    const { link, markers, wake } = await consuming()
    link.answers.take = () => found(sampleEvent())
    await wake()
    markers[0]?.(marker)
    await goOn()
    expect(link.scripts).toEqual(['passOn'])
    expect([link.of('take').length, markers.length]).toEqual([2, 1])
  })

  test('is not mourned where that fails: others find what is due by asking', async () => {
    const { link, markers, lines, wake } = await consuming()
    link.answers.take = () => found(sampleEvent())
    await wake()
    link.errors.push(new Error('Connection is closed.'))
    markers[0]?.(marker)
    await goOn()
    expect(link.scripts).toEqual(['passOn'])
    expect(lines).toEqual([])
  })

  test('is left to others while more is due than could be taken, though it was less than asked for', async () => {
    const { link, markers, wake } = await consuming()
    markers[0]?.(marker)
    link.answers.take = () => nothing({ nextDueMs: 0, reports: [['{}', 'parked']] })
    await goOn()
    expect(markers).toHaveLength(1)
    link.answers.take = () => nothing({ nextDueMs: 20 })
    await wake()
    expect(markers).toHaveLength(2)
  })
})

test('a consumer that began in a pause asks for what is due as soon as it is woken after it', async () => {
  let isPaused = true
  const { link, wake } = await consuming({ isPaused: () => isPaused })
  await wake()
  expect(link.of('take')).toEqual([])
  isPaused = false
  await wake()
  expect(link.of('take')).toHaveLength(1)
})

test('a consumer that can not wait at Redis though it takes events says so once, with the reason, and when that is over', async () => {
  const ear: { error?: Error | undefined } = { error: new Error('WRONGPASS invalid password') }
  const { lines, wake } = await consuming({ ear })
  await wake() // it sees it
  await wake(9_999)
  expect(lines).toEqual([])
  await wake(1)
  const late = "a consumer can't wait at Redis for what is due, and looks every 5 s"
  const told = { level: 'warn', message: late, details: { source: 'sematryx', err: ear.error } }
  expect(lines).toMatchObject([told])
  await wake(60_000)
  expect(lines).toMatchObject([told])
  ear.error = undefined
  await vi.waitFor(async () => {
    await wake()
    expect(lines[1]).toMatchObject({
      level: 'warn',
      message: `${late}: this is over`,
      details: { source: 'sematryx' },
    })
  }, 3_000)
  await wake(60_000)
  expect(lines).toHaveLength(2)
})

describe('what handlers a process has for a source', () => {
  const firstMs = 5_000
  const nextMs = 300_000

  test('is announced when it had the time to register them, and every five minutes from then on', async () => {
    const { link, wake } = await consuming({ types: ['order.sent', 'order.paid'] })
    await wake(firstMs - 1)
    expect(link.of('announce')).toEqual([])
    await wake(1)
    expect(link.of('announce')).toEqual([['order.paid, order.sent']])
    await wake(nextMs - 1)
    expect(link.of('announce')).toHaveLength(1)
    await wake(1)
    expect(link.of('announce')).toHaveLength(2)
  })

  test('is told in few words, however many types there are', async () => {
    const { link, wake } = await consuming()
    await wake(firstMs)
    expect(link.of('announce')).toEqual([['any type']])
    const types = Array.from({ length: 500 }, (_, number) => `order.${number}`)
    const other = await consuming({ types })
    await other.wake(firstMs)
    expect(String(other.link.of('announce')[0]?.[0])).toHaveLength(1_000)
  })

  test('is compared with what others have: each difference is told once, and what is the same never', async () => {
    const { link, lines, wake } = await consuming({ types: ['order.paid'] })
    link.answers.announce = () => ['any type', 'order.paid']
    await wake(firstMs)
    await wake(nextMs)
    expect(lines).toEqual([
      {
        level: 'warn',
        details: { source: 'sematryx', ours: 'order.paid', theirs: 'any type' },
        message: expect.stringContaining('two applications share one queue'),
      },
    ])
    link.answers.announce = () => ['any type', 'order.paid', 'order.sent']
    await wake(nextMs)
    expect(lines.map(({ details }) => details.theirs)).toEqual(['any type', 'order.sent'])
  })

  test('holds nothing up where it can not be told', async () => {
    const { link, lines, wake } = await consuming({ types: ['order.paid'] })
    link.answers.announce = () => [
      'error',
      'WRONGTYPE Operation against a key holding the wrong kind of value',
    ]
    await wake(firstMs)
    const takings = link.of('take').length
    await wake()
    expect(link.of('take')).toHaveLength(takings + 1)
    expect(link.of('announce')).toHaveLength(1)
    expect(lines).toEqual([])
  })
})
