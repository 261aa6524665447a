import { memoryInbox } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { sematryxWebhooks } from '@hookport/express'
import type { SematryxReceiverOptions } from '@hookport/providers/sematryx'
import { deferred } from '@hookport/testkit/deferred'
import { holdDelivery, postDelivery, serveApp } from '@hookport/testkit/http/serve-and-post'
import { sematryxOptions, signedSematryx, testTime } from '@hookport/testkit/receivers/signed-deliveries'
import express, { type RequestHandler } from 'express'
import { describe, expect, onTestFinished, test } from 'vitest'

const path = '/webhooks/sematryx'
const delivery = signedSematryx({ id: 'evt_once' })
const received = { status: 200, body: '{"received":true}' }

function webhooksWith(options: Omit<SematryxReceiverOptions, 'secret'>) {
  const webhooks = sematryxWebhooks({ ...sematryxOptions, ...options })
  onTestFinished(() => webhooks.stop())
  return webhooks
}

/** Opens its gate once `count` requests have arrived, none of which can be answered before. */
function countArrivals(count: number) {
  const { promise: allArrived, resolve: open } = deferred()
  let arrived = 0
  const counting: RequestHandler = (_request, _response, next) => {
    arrived += 1
    if (arrived === count) open()
    next()
  }
  return { counting, allArrived }
}

test('100 deliveries of one id at the same moment: all are answered 200, and it is handled once', async () => {
  const accepted: string[] = []
  const duplicates: boolean[] = []
  const webhooks = webhooksWith({
    observers: {
      accepted: ({ id }) => accepted.push(id),
      duplicate: ({ conflict }) => duplicates.push(conflict),
    },
  })
  let runs = 0
  webhooks.onEvent('optimization.completed', () => {
    runs += 1
  })
  const { counting, allArrived } = countArrivals(100)
  const url = await serveApp(express().use(counting).use(webhooks))

  const held = Array.from({ length: 100 }, () => holdDelivery(url + path, delivery))
  await allArrived
  const replies = await Promise.all(held.map(({ finish }) => finish()))
  await webhooks.idle()

  expect(replies).toEqual(Array.from({ length: 100 }, () => received))
  expect(runs).toBe(1)
  expect(accepted).toEqual(['evt_once'])
  expect(duplicates).toEqual(Array.from({ length: 99 }, () => false))
})

test('an id that comes with another body is a duplicate, reported as a conflict', async () => {
  const conflicts: boolean[] = []
  const webhooks = webhooksWith({ observers: { duplicate: ({ conflict }) => conflicts.push(conflict) } })
  const types: string[] = []
  webhooks.onAnyEvent(({ type }) => {
    types.push(type)
  })
  const url = await serveApp(express().use(webhooks))
  expect(await postDelivery(url + path, delivery)).toMatchObject(received)
  const other = signedSematryx({ id: 'evt_once', type: 'optimization.failed' })
  expect(await postDelivery(url + path, other)).toMatchObject(received)
  await webhooks.idle()
  expect(types).toEqual(['optimization.completed'])
  expect(conflicts).toEqual([true])
})

describe('after-handlers', () => {
  const acknowledge = 'after-handlers'

  test('100 deliveries of one id at the same moment: one is handled, 99 are told that it is in progress', async () => {
    const webhooks = webhooksWith({ acknowledge })
    const { promise: othersAnswered, resolve: sayOthersAnswered } = deferred()
    let runs = 0
    webhooks.onEvent('optimization.completed', async () => {
      runs += 1
      await othersAnswered
    })
    const { counting, allArrived } = countArrivals(100)
    const url = await serveApp(express().use(counting).use(webhooks))

    const held = Array.from({ length: 100 }, () => holdDelivery(url + path, delivery))
    await allArrived
    let answered = 0
    const statuses = held.map(async ({ finish }) => {
      const { status } = await finish()
      answered += 1
      if (answered === 99) sayOthersAnswered()
      return status
    })
    const sorted = (await Promise.all(statuses)).sort()

    expect(sorted).toEqual([200, ...Array.from({ length: 99 }, () => 409)])
    expect(runs).toBe(1)
  })

  test('a failing handler is answered 500, and the next delivery of the id runs it again', async () => {
    const webhooks = webhooksWith({ acknowledge })
    const attempts: number[] = []
    webhooks.onEvent('optimization.completed', (_event, { attempt }) => {
      attempts.push(attempt)
      if (attempt === 1) throw new Error('the database is down')
    })
    const url = await serveApp(express().use(webhooks))

    expect(await postDelivery(url + path, delivery)).toMatchObject({
      status: 500,
      body: '{"error":"handler_failed"}',
    })
    expect(attempts).toEqual([1])
    expect(await postDelivery(url + path, delivery)).toMatchObject(received)
    expect(attempts).toEqual([1, 2])
    expect(await postDelivery(url + path, delivery)).toMatchObject(received)
    expect(attempts).toEqual([1, 2])
  })

  test('a handler that succeeded is not run again because its neighbour failed', async () => {
    const webhooks = webhooksWith({ acknowledge })
    const ran: string[] = []
    webhooks
      .onEvent('optimization.completed', () => {
        ran.push('save')
      })
      .onEvent('optimization.completed', (_event, { attempt }) => {
        ran.push('notify')
        if (attempt === 1) throw new Error('the mail server is down')
      })
    const url = await serveApp(express().use(webhooks))
    expect(await postDelivery(url + path, delivery)).toMatchObject({ status: 500 })
    expect(await postDelivery(url + path, delivery)).toMatchObject(received)
    expect(ran).toEqual(['save', 'notify', 'notify'])
  })

  test('the reply waits for the handler; a duplicate meanwhile is 409 with Retry-After', async () => {
    const webhooks = webhooksWith({ acknowledge })
    const started = deferred()
    const finish = deferred()
    let runs = 0
    let answered = false
    webhooks.onEvent('optimization.completed', async () => {
      runs += 1
      started.resolve()
      await finish.promise
    })
    const url = await serveApp(express().use(webhooks))

    const first = postDelivery(url + path, delivery).finally(() => {
      answered = true
    })
    await started.promise
    const duplicate = await postDelivery(url + path, delivery)
    expect(duplicate).toMatchObject({ status: 409, body: '{"error":"in_progress"}' })
    expect(duplicate.headers.get('retry-after')).toMatch(/^[1-9]\d*$/)
    expect(answered).toBe(false)

    finish.resolve()
    expect(await first).toMatchObject(received)
    expect(runs).toBe(1)
  })

  test('another event is not held up by one that is being handled', async () => {
    const webhooks = webhooksWith({ acknowledge })
    const started = deferred()
    const finish = deferred()
    webhooks.onEvent('optimization.completed', async ({ id }) => {
      if (id !== 'evt_once') return
      started.resolve()
      await finish.promise
    })
    const url = await serveApp(express().use(webhooks))
    const first = postDelivery(url + path, delivery)
    await started.promise
    expect(await postDelivery(url + path, signedSematryx({ id: 'evt_other' }))).toMatchObject(received)
    finish.resolve()
    expect(await first).toMatchObject(received)
  })

  /** The inbox's clock runs while the receiver's stands: as in a process that was frozen, the lease is not renewed in time. */
  function frozenReceiver() {
    const inboxClock = manualClock(testTime)
    const receiverClock = manualClock(testTime)
    const accepted: string[] = []
    const webhooks = webhooksWith({
      acknowledge,
      clock: receiverClock,
      inbox: memoryInbox({ clock: inboxClock }),
      observers: { accepted: ({ id }) => accepted.push(id) },
    })
    const leaseRunsOut = () => inboxClock.advance(60_000)
    return { webhooks, accepted, leaseRunsOut, receiverClock }
  }

  test('who has lost the lease cannot confirm: the attempt that took over does, and only it is 200', async () => {
    const { webhooks, accepted, leaseRunsOut } = frozenReceiver()
    const firstStarted = deferred()
    const firstMayEnd = deferred()
    let runs = 0
    webhooks.onEvent('optimization.completed', async () => {
      runs += 1
      if (runs > 1) return
      firstStarted.resolve()
      await firstMayEnd.promise
    })
    const url = await serveApp(express().use(webhooks))

    const first = postDelivery(url + path, delivery)
    await firstStarted.promise
    await leaseRunsOut()
    expect(await postDelivery(url + path, delivery)).toMatchObject(received)
    firstMayEnd.resolve()
    expect(await first).toMatchObject({ status: 409, body: '{"error":"in_progress"}' })

    expect(await postDelivery(url + path, delivery)).toMatchObject(received)
    expect(runs).toBe(2)
    expect(accepted).toEqual(['evt_once'])
  })

  test('who has lost the lease cannot confirm under that of the attempt that took over and still runs', async () => {
    const { webhooks, accepted, leaseRunsOut } = frozenReceiver()
    const started = [deferred(), deferred()] as const
    const mayEnd = [deferred(), deferred()] as const
    let runs = 0
    webhooks.onEvent('optimization.completed', async () => {
      const run = runs === 0 ? 0 : 1
      runs += 1
      started[run].resolve()
      await mayEnd[run].promise
    })
    const url = await serveApp(express().use(webhooks))

    const first = postDelivery(url + path, delivery)
    await started[0].promise
    await leaseRunsOut()
    const second = postDelivery(url + path, delivery)
    await started[1].promise
    mayEnd[0].resolve()
    expect(await first).toMatchObject({ status: 409, body: '{"error":"in_progress"}' })
    expect(accepted).toEqual([])

    mayEnd[1].resolve()
    expect(await second).toMatchObject(received)
    expect(runs).toBe(2)
    expect(accepted).toEqual(['evt_once'])
  })

  test('who has lost the lease cannot confirm, even if nobody took over: the next delivery runs again', async () => {
    const { webhooks, accepted, leaseRunsOut } = frozenReceiver()
    let runs = 0
    webhooks.onEvent('optimization.completed', async () => {
      runs += 1
      if (runs === 1) await leaseRunsOut()
    })
    const url = await serveApp(express().use(webhooks))

    expect(await postDelivery(url + path, delivery)).toMatchObject({ status: 409 })
    expect(accepted).toEqual([])
    expect(await postDelivery(url + path, delivery)).toMatchObject(received)
    expect(runs).toBe(2)
    expect(accepted).toEqual(['evt_once'])
  })

  test("a lost lease aborts the handler's signal", async () => {
    const { webhooks, leaseRunsOut, receiverClock } = frozenReceiver()
    const started = deferred()
    const reasons: unknown[] = []
    webhooks.onEvent('optimization.completed', (_event, { signal }) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason.code))
      started.resolve()
      return new Promise(() => {})
    })
    const url = await serveApp(express().use(webhooks))
    const reply = postDelivery(url + path, delivery)
    await started.promise
    await leaseRunsOut()
    expect(reasons).toEqual([])
    await receiverClock.advance(10_000)
    expect(await reply).toMatchObject({ status: 409, body: '{"error":"in_progress"}' })
    expect(reasons).toEqual(['interrupted'])
  })
})
