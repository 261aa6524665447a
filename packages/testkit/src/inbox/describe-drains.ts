import { setTimeout as sleep } from 'node:timers/promises'
import type { Inbox } from '@hookport/core'
import { type SematryxReceiverOptions, sematryxReceiver } from '@hookport/providers/sematryx'
import { describe, expect, onTestFinished, test } from 'vitest'
import { deferred } from '../deferred.ts'
import { silentLogger } from '../logs.ts'
import { sematryxSecret, signedSematryx, testTime } from '../receivers/signed-deliveries.ts'

const nothing = { handled: 0, failed: 0, dead: 0, parked: 0, unhandled: 0, more: false }

/** The promises of a drain, for any inbox whose store outlives the process. */
export function describeDrains(openInbox: () => Inbox | Promise<Inbox>): void {
  async function draining(options: Partial<SematryxReceiverOptions> = {}) {
    const inbox = options.inbox ?? (await openInbox())
    const receiver = sematryxReceiver({
      consume: false,
      secret: sematryxSecret,
      clock: { now: () => testTime },
      logger: silentLogger,
      ...options,
      inbox,
    })
    onTestFinished(() => receiver.stop())
    const send = async (id: string) => {
      const { method, headers, body } = signedSematryx({ id })
      const delivery = { method, url: '/', headers: new Headers(headers), readBody: () => body }
      expect(await receiver.receive(delivery)).toMatchObject({ status: 200 })
    }
    const sendSome = async (count: number) => {
      await Promise.all(Array.from({ length: count }, (_, index) => send(`evt_${index}`)))
    }
    return { receiver, inbox, send, sendSome }
  }

  describe('a drain', () => {
    test('handles all that is due, and what comes after it is left to the next', async () => {
      const { receiver, inbox, send, sendSome } = await draining()
      receiver.onAnyEvent(() => {})
      await sendSome(50)
      expect(await receiver.drain()).toEqual({ ...nothing, handled: 50 })
      await send('evt_later')
      await sleep(300)
      expect(await inbox.counts()).toMatchObject({ pending: 1, active: 0 })
      expect(await receiver.drain()).toEqual({ ...nothing, handled: 1 })
      expect(await receiver.drain()).toEqual(nothing)
    }, 30_000)

    test('handles all that is due of an order key, one after another, and says that nothing is left', async () => {
      const { receiver, sendSome } = await draining({ order: { by: () => 'one line' } })
      receiver.onAnyEvent(() => {})
      await sendSome(20)
      expect(await receiver.drain()).toEqual({ ...nothing, handled: 20 })
    }, 30_000)

    test('ends at its time: no further handler begins, and what is left is due at once for the next', async () => {
      const { receiver, inbox, sendSome } = await draining({ concurrency: 2 })
      const ran: string[] = []
      let isOver = false
      receiver.onAnyEvent(async ({ id }) => {
        expect(isOver).toBe(false)
        ran.push(id)
        await sleep(100)
      })
      await sendSome(20)
      const beganAt = performance.now()
      const first = await receiver.drain({ maxMs: 350 })
      isOver = true
      expect(performance.now() - beganAt).toBeLessThan(350 + 100 + 2_000)
      expect(first).toEqual({ ...nothing, handled: ran.length, more: true })
      expect(await inbox.counts()).toMatchObject({ pending: 20 - ran.length, active: 0, scheduled: 0 })
      isOver = false
      const second = await receiver.drain()
      expect(second).toEqual({ ...nothing, handled: 20 - first.handled })
      expect([ran.length, new Set(ran).size]).toEqual([20, 20])
    }, 30_000)

    test('ends when its signal is aborted, between two handlers of an event too, and the next goes on with the second', async () => {
      const { receiver, send } = await draining()
      const ran: string[] = []
      const [began, mayEnd] = [deferred(), deferred()]
      const first = async () => {
        ran.push('first')
        began.resolve()
        await mayEnd.promise
      }
      receiver.onAnyEvent(first, { name: 'first' })
      receiver.onAnyEvent(() => void ran.push('second'), { name: 'second' })
      await send('evt_1')
      const leaving = new AbortController()
      const counts = receiver.drain({ signal: leaving.signal })
      await began.promise
      leaving.abort()
      mayEnd.resolve()
      expect(await counts).toEqual({ ...nothing, more: true })
      expect(ran).toEqual(['first'])
      expect(await receiver.drain()).toEqual({ ...nothing, handled: 1 })
      expect(ran).toEqual(['first', 'second'])
    }, 30_000)

    test('shares the work with another at the same time, within the concurrency of both', async () => {
      const { receiver, sendSome } = await draining({ concurrency: 4 })
      const ran: string[] = []
      let [running, most] = [0, 0]
      receiver.onAnyEvent(async ({ id }) => {
        ran.push(id)
        most = Math.max(most, ++running)
        await sleep(5)
        running -= 1
      })
      await sendSome(60)
      const counts = await Promise.all([receiver.drain(), receiver.drain()])
      expect(counts.map(({ more }) => more)).toEqual([false, false])
      const [one = 0, other = 0] = counts.map(({ handled }) => handled)
      expect(one + other).toBe(60)
      expect([ran.length, new Set(ran).size]).toEqual([60, 60])
      expect(most).toBeLessThanOrEqual(4)
    }, 30_000)

    test('does no harm beside a consumer of this process, which goes on', async () => {
      const { receiver, send, sendSome } = await draining({ concurrency: 4 })
      const ran: string[] = []
      receiver.onAnyEvent(async ({ id }) => {
        ran.push(id)
        await sleep(5)
      })
      await sendSome(40)
      receiver.start()
      expect(await receiver.drain()).toMatchObject({ failed: 0, more: false })
      await receiver.idle()
      expect([ran.length, new Set(ran).size]).toEqual([40, 40])
      await send('evt_later')
      await expect.poll(() => ran.length, { timeout: 10_000 }).toBe(41)
    }, 30_000)

    test('under way when the receiver is stopped waits for what runs, and leaves the rest', async () => {
      const { receiver, inbox, sendSome } = await draining({ concurrency: 1 })
      const keeper = await draining({ inbox, name: 'keeper' }) // the inbox stays open for the look at it
      const [began, mayEnd] = [deferred(), deferred()]
      let handled = 0
      receiver.onAnyEvent(async () => {
        began.resolve()
        await mayEnd.promise
        handled += 1
      })
      await sendSome(3)
      const counts = receiver.drain({ maxMs: Number.POSITIVE_INFINITY })
      await began.promise
      const stopped = receiver.stop()
      mayEnd.resolve()
      await stopped
      expect(await counts).toEqual({ ...nothing, handled: 1, more: true })
      expect(handled).toBe(1)
      expect(await keeper.inbox.counts()).toMatchObject({ pending: 2, active: 0 })
    }, 30_000)
  })
}
