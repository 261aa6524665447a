import { PermanentError } from '@hookport/core'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { expect, test, vi } from 'vitest'
import { acmeReceiver } from '../support/acme-receiver.ts'

/** A receiver with so many dead letters of `order.paid`, one of `order.cancelled`, and one of another receiver in the same inbox. */
async function withDeadLetters(count: number) {
  const acme = acmeReceiver()
  const other = acmeReceiver({ inbox: acme.receiver.inbox, clock: acme.clock, name: 'acme-2' })
  let isBroken = true
  const fail = () => {
    if (isBroken) throw new PermanentError('broken')
  }
  for (const { receiver } of [acme, other]) receiver.onAnyEvent(fail)
  for (let sent = 0; sent < count; sent++) await acme.send({ id: `evt_${sent}` })
  await acme.send({ id: 'cancelled', type: 'order.cancelled', data: { reason: 'none' } })
  await other.send({ id: 'foreign' })
  await Promise.all([acme.receiver.idle(), other.receiver.idle()])
  expect(await acme.receiver.inbox.counts()).toEqual({ ...emptyCounts, dead: count + 2 })
  isBroken = false
  return acme
}

test('every dead letter of the receiver is handled again, however many pages they fill', async () => {
  const { receiver, observed } = await withDeadLetters(1_201)
  expect(await receiver.redriveAll()).toBe(1_202)
  await receiver.idle()
  expect(observed.handled).toHaveLength(1_202)
  expect(observed.redriven).toHaveLength(1_202)
  expect(await receiver.inbox.counts()).toEqual({ ...emptyCounts, dead: 1 })
})

test('a filter chooses among them', async () => {
  const { receiver, observed } = await withDeadLetters(3)
  expect(await receiver.redriveAll({ type: 'order.cancelled' })).toBe(1)
  expect(await receiver.redriveAll({ receivedBefore: 0 })).toBe(0)
  await receiver.idle()
  expect(observed.handled).toMatchObject([{ id: 'cancelled' }])
})

test('what is redriven again is handled by everyone, those included that had succeeded, under one name until it is done', async () => {
  const { receiver, send, clock } = acmeReceiver({ retry: { attempts: 2, jitter: 0 } })
  const ran: [string, string | undefined][] = []
  let isBroken = true
  receiver.onEvent('order.paid', (_, { replay }) => ran.push(['save', replay]))
  receiver.onAnyEvent((_, { attempt, replay }) => {
    ran.push(['charge', replay])
    if (isBroken || attempt === 1) throw new Error('broken')
  })
  await send()
  await receiver.idle()
  await clock.advance(60_000)
  expect(ran).toEqual([
    ['save', undefined],
    ['charge', undefined],
    ['charge', undefined],
  ])
  isBroken = false
  ran.length = 0
  expect(await receiver.redriveAll({}, { again: true })).toBe(1)
  await receiver.idle()
  await clock.advance(60_000)
  const [[, replay] = []] = ran
  expect(replay).toMatch(/^[0-9a-f-]{36}$/)
  expect(ran).toEqual([
    ['save', replay],
    ['charge', replay],
    ['charge', replay],
  ])
  expect(await receiver.inbox.counts()).toEqual(emptyCounts)
})

test('where there is none, nothing happens', async () => {
  expect(await acmeReceiver().receiver.redriveAll()).toBe(0)
})

test('a misspelt filter or option is an error, and redrives nothing', async () => {
  const { receiver } = acmeReceiver()
  await expect(receiver.redriveAll({ tipe: 'order.paid' } as never)).rejects.toThrow(
    /redriveAll\.tipe; did you mean redriveAll\.type\?/,
  )
  await expect(receiver.redriveAll({}, { agian: true } as never)).rejects.toThrow(/redriveAll\.agian/)
  await expect(receiver.redrive('acme:one', { forse: true } as never)).rejects.toThrow(/redrive\.forse/)
})

test('where there is no dead letter, the inbox is asked to redrive none', async () => {
  const { receiver } = acmeReceiver()
  const redrive = vi.spyOn(receiver.inbox, 'redrive')
  expect(await receiver.redriveAll({})).toBe(0)
  expect(redrive).not.toHaveBeenCalled()
})
