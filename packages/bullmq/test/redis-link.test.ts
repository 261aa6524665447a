import { EventEmitter } from 'node:events'
import { InboxClosedError } from '@hookport/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { RedisClient } from '../src/redis/connections.ts'
import { RedisLink } from '../src/redis/redis-link.ts'

/** Of the pauses between two attempts, which these tests can't wait for. */
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
}))

const notWriteable = "Stream isn't writeable and enableOfflineQueue options is false"

/** A client that answers with its `error`, or else "done". It is connected until told otherwise. */
class FakeClient extends EventEmitter {
  status = 'ready'
  error: string | Error | undefined
  /** Whether calls that only read are carried out in spite of the error, as on a replica. */
  canBeRead = false
  /** How long it takes to answer. */
  delayMs = 0
  tries = 0
  /** The scripts that were called. */
  readonly named: string[] = []
  connects = 0
  quits = 0
  /** When connections were given up, in milliseconds from the beginning, and whether others followed. */
  readonly disconnects: [at: number, again: boolean][] = []
  readonly #beganAt = performance.now()

  defineCommand(name: string): void {
    Reflect.set(this, name, async () => {
      this.tries += 1
      this.named.push(name.replace('hookport_', ''))
      if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs))
      const isRead = this.canBeRead && name === 'hookport_counts'
      if (this.error !== undefined && !isRead)
        throw this.error instanceof Error ? this.error : new Error(this.error)
      return 'done'
    })
  }

  async connect(): Promise<void> {
    this.connects += 1
  }

  async quit(): Promise<void> {
    this.quits += 1
    throw new Error('the connection ended before it was told so')
  }

  disconnect(again = false): void {
    this.disconnects.push([performance.now() - this.#beganAt, again])
  }

  become(status: 'ready' | 'close' | 'end'): void {
    this.status = status
    this.emit(status)
  }
}

const call = { script: 'passOn', keys: [], args: () => [], read: String } as const
const repeatable = { ...call, repeatable: true }
const readOnly = "READONLY You can't write against a read only replica."
const patienceMs = 2_500

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

function linked() {
  const client = new FakeClient()
  return { client, link: new RedisLink(client as unknown as RedisClient, async () => {}) }
}

/** Runs a call, and says when it ended and how, in milliseconds from now. */
function timed(run: Promise<string>): { after: number | undefined; outcome: string | undefined } {
  const startedAt = performance.now()
  const result: ReturnType<typeof timed> = { after: undefined, outcome: undefined }
  const settle = (outcome: string) => Object.assign(result, { after: performance.now() - startedAt, outcome })
  run.then(settle, (error: Error) => settle(error.message))
  return result
}

test('what is sent on a connection that is on its way to end leaves the event loop to others, and is sent again', async () => {
  const { client, link } = linked()
  client.error = notWriteable
  const running = link.run(repeatable)
  await vi.advanceTimersByTimeAsync(0)
  client.error = undefined
  await vi.advanceTimersByTimeAsync(10)
  expect(await running).toBe('done')
  expect(client.tries).toBe(2)
})

describe('where Redis can no longer be written to', () => {
  test('the link connects anew, as the name may lead elsewhere by now, and sends the call again a moment later', async () => {
    const { client, link } = linked()
    client.error = readOnly
    const result = timed(link.run({ ...call, repeatable: false }))
    await vi.advanceTimersByTimeAsync(0)
    expect(client.disconnects).toEqual([[0, true]])
    client.error = undefined
    await vi.advanceTimersByTimeAsync(100)
    expect(result).toEqual({ after: 100, outcome: 'done' })
    expect(client.tries).toBe(2)
  })

  test('it connects anew once a second, and no more often, however many calls fail', async () => {
    const { client, link } = linked()
    client.error = readOnly
    const results = [1, 2, 3].map(() => timed(link.run(repeatable)))
    await vi.advanceTimersByTimeAsync(2_600)
    expect(client.disconnects).toEqual([
      [0, true],
      [1_000, true],
      [2_000, true],
    ])
    expect(results).toEqual(Array(3).fill({ after: patienceMs, outcome: readOnly }))
  })

  test('a connection that is being made is left to it', () => {
    const { client, link } = linked()
    client.status = 'connecting'
    link.reconnect()
    expect(client.disconnects).toEqual([])
  })

  test('calls wait as long as a sender does, and not longer for a late one', async () => {
    const { client, link } = linked()
    client.error = readOnly
    const first = timed(link.run(repeatable))
    await vi.advanceTimersByTimeAsync(patienceMs - 30)
    const late = timed(link.run(repeatable))
    await vi.advanceTimersByTimeAsync(30)
    expect(late).toEqual({ after: 30, outcome: readOnly })
    expect(first).toEqual({ after: patienceMs, outcome: readOnly })
  })

  test('calls reject at once when that takes longer, after one try each, whatever the connection says of itself, until one is carried out', async () => {
    const { client, link } = linked()
    client.error = readOnly
    const first = timed(link.run(repeatable))
    await vi.advanceTimersByTimeAsync(patienceMs)
    expect(first.outcome).toBe(readOnly)
    await vi.advanceTimersByTimeAsync(patienceMs)
    client.become('close')
    client.become('ready') // to the same Redis
    const before = client.tries
    await expect(link.run(repeatable)).rejects.toThrow(readOnly)
    expect(client.tries).toBe(before + 1)

    client.error = undefined
    expect(await link.run(repeatable)).toBe('done')
    client.error = readOnly
    const result = timed(link.run(repeatable))
    await vi.advanceTimersByTimeAsync(patienceMs)
    expect(result).toEqual({ after: patienceMs, outcome: readOnly })
  })

  test('a trouble that is over is no part of the next: a connection that is lost and found ends it', async () => {
    const { client, link } = linked()
    client.error = readOnly
    const first = timed(link.run(repeatable))
    await vi.advanceTimersByTimeAsync(0)
    client.error = undefined
    await vi.advanceTimersByTimeAsync(100)
    expect(first.outcome).toBe('done')
    client.become('close')
    await vi.advanceTimersByTimeAsync(patienceMs)
    client.become('ready')
    client.become('close')
    const next = timed(link.run(repeatable))
    await vi.advanceTimersByTimeAsync(patienceMs)
    expect(next.after).toBe(patienceMs)
  })

  test('what can still be read there says nothing: calls that write go on to reject at once, with the reason', async () => {
    const { client, link } = linked()
    client.error = readOnly
    client.canBeRead = true
    const first = timed(link.run(repeatable))
    await vi.advanceTimersByTimeAsync(patienceMs)
    expect(first.outcome).toBe(readOnly)
    expect(await link.run({ ...repeatable, script: 'counts' })).toBe('done') // as a probe of health asks
    const next = timed(link.run(repeatable))
    await vi.advanceTimersByTimeAsync(0)
    expect(next).toEqual({ after: 0, outcome: readOnly })
  })

  test('a read that is carried out ends a trouble that only reads have met, as of a Redis that was loading', async () => {
    const { client, link } = linked()
    const read = { ...repeatable, script: 'counts' } as const
    client.error = 'LOADING Redis is loading the dataset in memory'
    const first = timed(link.run(read))
    await vi.advanceTimersByTimeAsync(patienceMs)
    expect(first.outcome).toMatch(/LOADING/)
    client.error = undefined
    expect(await link.run(read)).toBe('done')
    client.become('close')
    const next = timed(link.run(read))
    await vi.advanceTimersByTimeAsync(patienceMs - 1)
    client.become('ready')
    await vi.advanceTimersByTimeAsync(0)
    expect(next).toEqual({ after: patienceMs - 1, outcome: 'done' })
  })

  test('a call is given up after the time of a sender, though others are carried out meanwhile, as where a name leads to several', async () => {
    const { client, link } = linked()
    client.error = readOnly
    const result = timed(link.run(repeatable))
    for (let at = 50; at < patienceMs + 200; at += 100) {
      await vi.advanceTimersByTimeAsync(50)
      client.error = undefined
      await link.run(repeatable)
      client.error = readOnly
      await vi.advanceTimersByTimeAsync(50)
    }
    expect(result).toEqual({ after: patienceMs, outcome: readOnly })
  })

  test('calls reject at once when the link has been given up', async () => {
    const { client, link } = linked()
    client.error = readOnly
    link.abandon()
    await expect(link.run(repeatable)).rejects.toThrow(readOnly)
    expect(client.tries).toBe(1)
  })
})

describe('where the connection is lost', () => {
  test('calls wait for another, and are sent on it', async () => {
    const { client, link } = linked()
    client.become('close')
    const result = timed(link.run(repeatable))
    await vi.advanceTimersByTimeAsync(patienceMs - 1)
    expect(client.tries).toBe(0)
    client.become('ready')
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(0)
    expect(result).toEqual({ after: patienceMs - 1, outcome: 'done' })
    expect(client.listenerCount('ready')).toBe(1)
  })

  test('what is no script waits for another as well', async () => {
    const { client, link } = linked()
    client.become('close')
    const send = vi.fn(async () => 'found')
    const result = timed(link.ask(send))
    await vi.advanceTimersByTimeAsync(100)
    expect(send).not.toHaveBeenCalled()
    client.become('ready')
    await vi.advanceTimersByTimeAsync(0)
    expect(result).toEqual({ after: 100, outcome: 'found' })
  })

  test('calls that wait for another reject at once when the link is closed', async () => {
    const { client, link } = linked()
    client.become('close')
    const waiting = link.run(repeatable)
    link.abandon()
    client.become('end')
    await expect(waiting).rejects.toThrow(InboxClosedError)
    expect(vi.getTimerCount()).toBe(0)
    expect(client.listenerCount('end')).toBe(0)
  })

  test('calls reject after the time of a sender with what was wrong, and at once from then on, until there is another', async () => {
    const { client, link } = linked()
    client.become('close')
    client.emit('error', new Error('connect ECONNREFUSED'))
    const unreachable = "Redis can't be reached: connect ECONNREFUSED"
    const results = [timed(link.run(repeatable)), timed(link.run(repeatable))]
    expect(client.listenerCount('ready')).toBe(2) // the link's own, and one for all that wait
    await vi.advanceTimersByTimeAsync(patienceMs)
    expect(results).toEqual(Array(2).fill({ after: patienceMs, outcome: unreachable }))
    const { cause } = await link.run(repeatable).catch((error) => error)
    expect(cause).toEqual(new Error('connect ECONNREFUSED'))
    client.become('ready')
    client.become('close')
    const next = timed(link.run(repeatable))
    await vi.advanceTimersByTimeAsync(patienceMs)
    expect(next).toEqual({ after: patienceMs, outcome: unreachable })
    expect(client.tries).toBe(0)
  })

  test('the time runs from the loss, not from the first call after it', async () => {
    const { client, link } = linked()
    client.become('close')
    await vi.advanceTimersByTimeAsync(2_000)
    const result = timed(link.run(repeatable))
    await vi.advanceTimersByTimeAsync(500)
    expect(result.after).toBe(500)
  })

  test('a connection that ends again and again is not tried for longer either', async () => {
    const { client, link } = linked()
    client.error = notWriteable
    const result = timed(link.run(repeatable))
    await vi.advanceTimersByTimeAsync(patienceMs)
    expect(result).toEqual({ after: patienceMs, outcome: notWriteable })
  })

  test('a call that ioredis gives up rejects with what was wrong, and not with a limit of retries that nobody has set', async () => {
    const { client, link } = linked()
    client.error =
      'Reached the max retries per request limit (which is 0). Refer to "maxRetriesPerRequest" option for details.'
    client.emit('error', new Error('read ECONNRESET'))
    await expect(link.run({ ...call, repeatable: false })).rejects.toThrow(
      "Redis can't be reached: read ECONNRESET",
    )
  })

  test('a call that may not be repeated rejects with what the connection said', async () => {
    const { client, link } = linked()
    client.error = 'Connection is closed.'
    await expect(link.run({ ...call, repeatable: false })).rejects.toThrow('Connection is closed.')
    expect(client.tries).toBe(1)
  })

  test('a call that is sent again is told so; one that was not carried out is not', async () => {
    const { client, link } = linked()
    const told: boolean[] = []
    const args = (isAgain: boolean) => {
      told.push(isAgain)
      return []
    }
    client.error = readOnly
    const running = link.run({ ...repeatable, args })
    await vi.advanceTimersByTimeAsync(0)
    client.error = notWriteable
    await vi.advanceTimersByTimeAsync(100)
    client.error = readOnly
    await vi.advanceTimersByTimeAsync(5)
    client.error = undefined
    await vi.advanceTimersByTimeAsync(100)
    expect(await running).toBe('done')
    expect(told).toEqual([false, false, true, true])
  })

  test.each(['wait', 'end'])('a client in the state "%s" is told to connect', async (status) => {
    const { client, link } = linked()
    client.status = status
    const result = timed(link.run(repeatable))
    expect(client.connects).toBe(1)
    client.become('ready')
    await vi.advanceTimersByTimeAsync(0)
    expect(result.outcome).toBe('done')
  })

  test('a client that connects by itself is not', async () => {
    const { client, link } = linked()
    client.status = 'reconnecting'
    const result = timed(link.run(repeatable))
    expect(client.connects).toBe(0)
    await vi.advanceTimersByTimeAsync(patienceMs)
    expect(result.outcome).toBe("Redis can't be reached")
  })
})

test('an error of a script is not tried again', async () => {
  const { client, link } = linked()
  const error = Object.assign(new Error('ERR no such thing'), { name: 'ReplyError' })
  client.error = error
  await expect(link.run(repeatable)).rejects.toThrow(error)
  expect(client.tries).toBe(1)
})

describe('where Redis does not answer in time', () => {
  const late = 'Redis does not answer in time: it is overloaded, paused, frozen or out of reach'

  test('no more than a mebibyte is sent, as it would stay in memory until it is answered, and one small call; if that is late, too, the connection is given up', async () => {
    const { client, link } = linked()
    client.delayMs = 2_500
    client.error = 'Command timed out'
    const first = [timed(link.run(repeatable)), timed(link.run(repeatable))]
    await vi.advanceTimersByTimeAsync(2_500)
    expect(first).toEqual(Array(2).fill({ after: 2_500, outcome: late }))
    expect(client.named).toEqual(['passOn', 'passOn', 'knows'])
    const large = { ...repeatable, args: () => ['x'.repeat(250_000), 1] }
    const others = Array.from({ length: 100 }, () => timed(link.run(large)))
    await vi.advanceTimersByTimeAsync(0)
    expect(others.slice(4)).toEqual(Array(96).fill({ after: 0, outcome: late }))
    const small = timed(link.run(repeatable)) // such as one that renews a lease
    expect(client.disconnects).toEqual([])
    await vi.advanceTimersByTimeAsync(2_500)
    expect([...others.slice(0, 4), small]).toEqual(Array(5).fill({ after: 2_500, outcome: late }))
    expect(client.named.filter((name) => name === 'passOn')).toHaveLength(7)
    expect(client.disconnects).toEqual([[5_000, true]])
    void timed(link.run(large)) // there is room again, though this is late as well
    await vi.advanceTimersByTimeAsync(0)
    expect(client.named.filter((name) => name === 'passOn')).toHaveLength(8)
  })

  test.each([
    ['Redis answers', undefined],
    ['the connection is lost', notWriteable],
  ])('calls are sent again once %s', async (_, error) => {
    const { client, link } = linked()
    client.delayMs = 2_500
    client.error = 'Command timed out'
    const first = timed(link.run(repeatable))
    await vi.advanceTimersByTimeAsync(2_500)
    client.error = error
    client.delayMs = 0
    await vi.advanceTimersByTimeAsync(2_600)
    client.error = undefined
    expect(first.outcome).toBe(late)
    expect(await link.run(repeatable)).toBe('done')
    expect(client.disconnects).toEqual([])
  })

  test('an answer in time ends that at once: one late answer among others costs no other delivery, and no connection', async () => {
    const { client, link } = linked()
    client.delayMs = 2_500
    const first = timed(link.run(repeatable))
    await vi.advanceTimersByTimeAsync(1_000)
    client.delayMs = 2_000
    const second = timed(link.run(repeatable))
    client.error = 'Command timed out'
    await vi.advanceTimersByTimeAsync(1_500)
    expect(first).toEqual({ after: 2_500, outcome: late })
    const large = { ...repeatable, args: () => ['x'.repeat(1_100_000)] }
    await expect(link.run(large)).rejects.toThrow(late)
    client.error = undefined
    await vi.advanceTimersByTimeAsync(500)
    expect(second).toEqual({ after: 2_000, outcome: 'done' })
    client.delayMs = 100
    const third = timed(link.run(large))
    await vi.advanceTimersByTimeAsync(100)
    expect(third).toEqual({ after: 100, outcome: 'done' })
    client.error = 'Command timed out' // that of the small call
    await vi.advanceTimersByTimeAsync(5_000)
    expect(client.named).toEqual(['passOn', 'passOn', 'knows', 'passOn'])
    expect(client.disconnects).toEqual([])
  })

  test('what is no script says so, too, with what ioredis says as its cause', async () => {
    const { link } = linked()
    const error = await link.ask(() => Promise.reject(new Error('Command timed out'))).catch((error) => error)
    expect(error).toMatchObject({ message: late, cause: { message: 'Command timed out' } })
  })
})

test.each(['close', 'abandon'] as const)('after %s the connection is given up for good', async (how) => {
  const { client, link } = linked()
  await link[how]()
  expect(client.quits).toBe(how === 'close' ? 1 : 0)
  expect(client.disconnects).toEqual([[0, false]])
  client.status = 'end'
  await expect(link.run(repeatable)).rejects.toThrow(InboxClosedError)
  expect(client.connects).toBe(0)
})

test('a link without a connection closes without waiting for one', async () => {
  const { client, link } = linked()
  client.status = 'connecting'
  await link.close()
  expect(client.quits).toBe(0)
  expect(client.disconnects).toEqual([[0, false]])
})
