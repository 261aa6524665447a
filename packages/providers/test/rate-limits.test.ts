import { getEventListeners } from 'node:events'
import { type Clock, completeClock } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { fireTrigger } from '@hookport/providers/jaot-api'
import { allOptimizations, listOptimizations } from '@hookport/providers/sematryx-api'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { describe, expect, test } from 'vitest'
import { pause } from '../src/management/rate-limit.ts'
import { recordedApi } from './support/recorded-api.ts'

const start = Date.parse('2026-11-20T12:00:00Z')
const startSeconds = start / 1000

/** An API that refuses the first requests. */
async function limitedApi(refusals: number, headers: Record<string, string>) {
  let requests = 0
  const baseUrl = await serveApp((_request, response) => {
    requests += 1
    if (requests <= refusals) response.writeHead(429, headers).end('slow down')
    else response.end('[]')
  })
  const clock = manualClock(start)
  return { at: { apiKey: 'key', baseUrl, clock }, clock, requests: () => requests }
}

describe('a 429 is waited for, and asked again', () => {
  test.each([
    ['Retry-After in seconds', { 'retry-after': '7' }, 7_000],
    ['Retry-After as a date', { 'retry-after': new Date(start + 9_000).toUTCString() }, 9_000],
    ['Retry-After as a date in digits', { 'retry-after': '2026-11-20T12:00:09Z' }, 9_000],
    ['Retry-After as a date with its offset', { 'retry-after': 'Fri, 20 Nov 2026 12:00:09 +0000' }, 9_000],
    ['Retry-After, as long as a call waits in total,', { 'retry-after': '60' }, 60_000],
    ['X-RateLimit-Reset', { 'x-ratelimit-reset': String(startSeconds + 11) }, 11_000],
    [
      'X-RateLimit-Reset, beside a Retry-After that says nothing,',
      { 'retry-after': 'soon', 'x-ratelimit-reset': String(startSeconds + 11) },
      11_000,
    ],
    ['Retry-After with white space behind it', { 'retry-after': '7 ' }, 7_000],
    [
      'X-RateLimit-Reset, beside a Retry-After that was written twice,',
      { 'retry-after': '3, 3', 'x-ratelimit-reset': String(startSeconds + 11) },
      11_000,
    ],
    ['Retry-After in fractions of a second', { 'retry-after': '2.5' }, 2_500],
    ['Retry-After: 0, though not before a second has passed,', { 'retry-after': '0' }, 1_000],
    [
      'a time that is over by our clock, though not before a second has passed,',
      { 'x-ratelimit-reset': String(startSeconds - 30) },
      1_000,
    ],
    ['X-RateLimit-Reset: 0, though not before a second has passed,', { 'x-ratelimit-reset': '0' }, 1_000],
  ])('as %s says', async (_, headers, waitMs) => {
    const { at, clock, requests } = await limitedApi(1, headers)
    const list = listOptimizations(at)
    await expect.poll(() => clock.pendingTimers).toBe(1)
    await clock.advance(waitMs - 1)
    expect([requests(), clock.pendingTimers]).toEqual([1, 1])
    await clock.advance(1)
    expect(await list).toEqual([])
    expect(requests()).toBe(2)
  })
})

describe('a 429 of JAOT, which says how long to wait in its body alone,', () => {
  const fire = async (detail: unknown, maxWaitMs?: number) => {
    const { at, lines } = await recordedApi((_, count) =>
      count === 1
        ? { status: 429, body: { detail } }
        : { status: 202, body: { run_id: 'trun_1', status: 'pending' } },
    )
    const clock = manualClock(start)
    const firing = fireTrigger({ ...at, clock, maxWaitMs, id: 'trg_1', triggerSecret: 'secret' })
    return { firing, clock, lines }
  }

  test('is waited for, and asked again', async () => {
    const { firing, clock, lines } = await fire({ error: 'rate_limit_exceeded', retry_after: 42 })
    await expect.poll(() => clock.pendingTimers).toBe(1)
    await clock.advance(41_999)
    expect(lines()).toHaveLength(1)
    await clock.advance(1)
    expect(await firing).toMatchObject({ runId: 'trun_1' })
  })

  test('is asked again after a second, where it says that there is no need to wait', async () => {
    const { firing, clock } = await fire({ retry_after: 0 })
    await expect.poll(() => clock.pendingTimers).toBe(1)
    await clock.advance(1_000)
    expect(await firing).toMatchObject({ runId: 'trun_1' })
  })

  test('is an error with that time, where it is longer than the caller waits', async () => {
    const { firing } = await fire({ retry_after: 61 })
    await expect(firing).rejects.toMatchObject({ status: 429, retryAfterMs: 61_000 })
  })

  test.each([null, 'slow down', [], { retry_after: '42' }, { retry_after: -1 }, { retry_after: null }])(
    'says nothing in %j',
    async (detail) => {
      const { firing } = await fire(detail)
      await expect(firing).rejects.toMatchObject({ status: 429, retryAfterMs: undefined })
    },
  )
})

test.each([
  ['does not say for how long', {}, {}, undefined],
  ['asks for more than the caller waits', { 'retry-after': '61' }, {}, 61_000],
  ['is not to be waited for', { 'retry-after': '1' }, { maxWaitMs: 0 }, 1_000],
  ['asks for no wait, where the caller waits for nothing,', { 'retry-after': '0' }, { maxWaitMs: 0 }, 0],
  ['is waited for as long as NaN says', { 'retry-after': '1' }, { maxWaitMs: Number.NaN }, 1_000],
])('a 429 that %s is an error, with what it says', async (_, headers, options, retryAfterMs) => {
  const { at, requests } = await limitedApi(1, headers)
  await expect(listOptimizations({ ...at, ...options })).rejects.toMatchObject({
    code: 'unavailable',
    status: 429,
    retryAfterMs,
  })
  expect(requests()).toBe(1)
})

test.each([503, 500])(
  'a %d is no refusal: it may have been carried out, and is not asked again',
  async (status) => {
    const { at, lines } = await recordedApi(() => ({ status, headers: { 'retry-after': '1' } }))
    const listing = listOptimizations({ ...at, clock: manualClock(start) })
    await expect(listing).rejects.toMatchObject({ status, retryAfterMs: 1_000 })
    expect(lines()).toHaveLength(1)
  },
)

test.each(['retry-after', 'x-ratelimit-reset'])(
  'a time of %s that is over by our clock is told as no wait, and not as a negative one',
  async (header) => {
    const over = header === 'retry-after' ? new Date(start - 5_000).toUTCString() : String(startSeconds - 5)
    const headers = { [header]: over, 'x-ratelimit-remaining': '0' }
    const { at } = await recordedApi(() => ({ status: 503, headers }))
    const listing = listOptimizations({ ...at, clock: manualClock(start) })
    await expect(listing).rejects.toMatchObject({ status: 503, retryAfterMs: 0 })
  },
)

test('a call that waits keeps its process alive', async () => {
  const { at, clock } = await limitedApi(1, { 'retry-after': '1' })
  const waits: unknown[] = []
  const watched: Clock = {
    now: clock.now,
    after(delayMs, callback, options) {
      waits.push([delayMs, options])
      return clock.after(delayMs, callback)
    },
  }
  const list = listOptimizations({ ...at, clock: watched })
  await expect.poll(() => clock.pendingTimers).toBe(1)
  await clock.advance(1_000)
  await list
  expect(waits).toEqual([[1_000, { background: false }]])
})

describe('how much of the limit is left', () => {
  const limit = { 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '59' }
  const told = async (headers: Record<string, string>) => {
    const { at } = await recordedApi(() => ({ headers, body: [] }))
    const rates: unknown[] = []
    const onRateLimit = (rate: unknown) => void rates.push(rate)
    await listOptimizations({ ...at, clock: manualClock(start), onRateLimit })
    return rates
  }

  test('is told, with the time until it begins anew', async () => {
    expect(await told({ ...limit, 'x-ratelimit-reset': String(startSeconds + 11) })).toEqual([
      { limit: 60, remaining: 59, resetMs: 11_000 },
    ])
    expect(await told({ ...limit, 'x-ratelimit-reset': String(startSeconds - 11) })).toMatchObject([
      { resetMs: 0 },
    ])
  })

  test.each([
    ['all', {}],
    ['its end', limit],
    ['a number', { ...limit, 'x-ratelimit-reset': 'soon' }],
  ])('is not told where an answer lacks %s', async (_, headers) => {
    expect(await told(headers)).toEqual([])
  })
})

test('the waits of a call are added up', async () => {
  const { at, clock, requests } = await limitedApi(10, { 'retry-after': '25' })
  const list = listOptimizations(at).catch(({ status }) => status)
  for (let wait = 1; wait <= 2; wait++) {
    await expect.poll(() => clock.pendingTimers).toBe(1)
    await clock.advance(25_000)
  }
  expect(await list).toBe(429)
  expect(requests()).toBe(3)
})

test('a wait counts as long as it was, also where no answer asks for any', async () => {
  const { at, clock } = await limitedApi(5, { 'retry-after': '0' })
  let end: unknown
  void listOptimizations({ ...at, maxWaitMs: 2_000 })
    .catch(({ status }) => status)
    .then((found) => {
      end = found
    })
  while (end === undefined) {
    await expect.poll(() => end ?? clock.pendingTimers).toBeTruthy()
    await clock.advance(1_000)
  }
  expect(end).toBe(429)
})

test('an abort ends the wait', async () => {
  const { at, clock } = await limitedApi(1, { 'retry-after': '7' })
  const controller = new AbortController()
  const list = listOptimizations({ ...at, signal: controller.signal })
  await expect.poll(() => clock.pendingTimers).toBe(1)
  controller.abort(new Error('enough'))
  await expect(list).rejects.toThrow('enough')
  expect(clock.pendingTimers).toBe(0)
})

test('a wait that is over leaves no listener on the signal, as many pages may be read under one', async () => {
  const clock = manualClock(start)
  const { signal } = new AbortController()
  const waiting = pause(7_000, completeClock(clock), signal)
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  await clock.advance(7_000)
  await waiting
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('paging waits as soon as nothing is left of the limit, without asking in vain', async () => {
  let requests = 0
  const baseUrl = await serveApp((_request, response) => {
    requests += 1
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(startSeconds + 30) }
    response
      .writeHead(200, headers)
      .end(requests < 3 ? `[{"id":"opt_${requests}","status":"running"}]` : '[]')
  })
  const clock = manualClock(start)
  const found = idsOf(allOptimizations({ apiKey: 'key', baseUrl, clock }))
  await expect.poll(() => clock.pendingTimers).toBe(1)
  expect(requests).toBe(1)
  await clock.advance(30_000)
  expect(await found).toEqual(['opt_1', 'opt_2'])
})

test.each([
  ['a minute', {}, 60_000],
  ['maxWaitMs', { maxWaitMs: 2_000 }, 2_000],
  ['nothing', { maxWaitMs: 0 }, 0],
])(
  'paging waits no longer than %s for the next page, and then tells what is asked for',
  async (_, options, waitMs) => {
    const { at } = await recordedApi((_request, nth) =>
      nth === 1
        ? {
            headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(startSeconds + 3_600) },
            body: [{ id: 'opt_1', status: 'running' }],
          }
        : { status: 429, headers: { 'retry-after': '3600' } },
    )
    const clock = manualClock(start)
    const failed = idsOf(allOptimizations({ ...at, clock, ...options })).catch((error: unknown) => error)
    if (waitMs > 0) {
      await expect.poll(() => clock.pendingTimers).toBe(1)
      await clock.advance(waitMs)
    }
    expect(await failed).toMatchObject({ code: 'unavailable', status: 429 })
  },
)

async function idsOf(list: AsyncIterable<{ id: string }>): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of list) ids.push(id)
  return ids
}
