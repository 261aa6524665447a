import { recordedLogger } from '@hookport/testkit/logs'
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { RiskWatch } from '../src/risk-watch.ts'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { remember, sampleEvent } from './support/sample-event.ts'

describe('risks that come up while events are handled', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
  afterEach(() => void vi.useRealTimers())

  /** A watch over a store with these risks, and what it told at looks, a minute apart. */
  function watching(...atStart: string[]) {
    const store = { risks: atStart, asked: 0, error: undefined as Error | undefined }
    const { logger, lines } = recordedLogger()
    const watch = new RiskWatch(async () => {
      store.asked += 1
      if (store.error) throw store.error
      return store.risks
    })
    const lookLater = async (ms = 60_000) => {
      vi.advanceTimersByTime(ms)
      await watch.look(logger)
      return lines.splice(0).map(({ message }) => message)
    }
    return { store, watch, lookLater }
  }

  test('are told once, and once more where they were over; those that were told at start are not', async () => {
    const { store, watch, lookLater } = watching('no disk')
    expect(await watch.find()).toEqual(['no disk'])
    store.risks = ['no disk', 'evicts']
    expect(await lookLater()).toEqual(['evicts'])
    expect(await lookLater()).toEqual([])
    store.risks = ['no disk']
    expect(await lookLater()).toEqual([])
    store.risks = ['no disk', 'evicts']
    expect(await lookLater()).toEqual(['evicts'])
  })

  test('are looked for once a minute, however often events are taken', async () => {
    const { store, lookLater } = watching()
    for (let second = 0; second < 120; second++) await lookLater(1_000)
    expect(store.asked).toBe(2)
  })

  test('are told where the store could not be asked at start; asking for them again is no telling', async () => {
    const { store, watch, lookLater } = watching('evicts')
    store.error = new Error('no connection')
    await expect(watch.find()).rejects.toThrow('no connection')
    expect(await lookLater()).toEqual([])
    store.error = undefined
    await watch.find()
    expect(await lookLater()).toEqual(['evicts'])
  })

  test('are not told anew where the store could not be asked in between', async () => {
    const { store, watch, lookLater } = watching('evicts')
    await watch.find()
    store.error = new Error('no connection')
    expect(await lookLater()).toEqual([])
    store.error = undefined
    expect(await lookLater()).toEqual([])
  })
})

describe('on a Redis whose use changes', () => {
  const bench = useBench(['--appendonly', 'yes'])
  const afterAMinute = () =>
    vi.spyOn(performance, 'now').mockImplementation(() => Number(process.hrtime.bigint()) / 1e6 + 1e9)
  afterEach(() => void vi.restoreAllMocks())

  test('a consumer tells of another maxmemory-policy, and of a Worker of BullMQ on its queue', async () => {
    const inbox = bench.open()
    const { consumer, lines } = consume(inbox)
    await consumer.idle()
    expect(await inbox.findRisks?.()).toEqual([])
    await inbox.put(sampleEvent(), remember)
    await bench.redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
    const connection = new Redis(bench.server.url, { maxRetriesPerRequest: null })
    const worker = new Worker('webhooks-sematryx', async () => {}, { connection, prefix: bench.prefix })
    try {
      await expect.poll(() => bench.redis.exists(`${bench.prefix}:webhooks-sematryx:stalled-check`)).toBe(1)
      afterAMinute()
      consumer.wake()
      await expect
        .poll(() => lines.map(({ message }) => message))
        .toEqual([
          expect.stringContaining('maxmemory-policy allkeys-lru'),
          expect.stringContaining('a Worker of BullMQ runs on the queue webhooks-sematryx'),
        ])
    } finally {
      await worker.close()
      connection.disconnect()
      await bench.redis.config('SET', 'maxmemory-policy', 'noeviction')
    }
  })

  test.each(['put', 'claim'] as const)(
    'a process that only accepts tells of it as a warning, once, with the next %s',
    async (how) => {
      const heard: string[] = []
      const listen = ({ message }: Error) => heard.push(message)
      process.on('warning', listen)
      const inbox = bench.open()
      const accept = () => inbox[how](sampleEvent(), { ...remember, leaseMs: 1_000 })
      try {
        expect(await inbox.findRisks?.()).toEqual([])
        await bench.redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
        await accept()
        expect(heard).toEqual([])
        afterAMinute()
        for (let time = 0; time < 3; time++) await accept()
        await expect.poll(() => heard).toEqual([expect.stringContaining('maxmemory-policy allkeys-lru')])
      } finally {
        process.off('warning', listen)
        await bench.redis.config('SET', 'maxmemory-policy', 'noeviction')
      }
    },
  )
})
