import { expect, test, vi } from 'vitest'
import { acmeReceiver } from './support/acme-receiver.ts'

const retry = { attempts: 2, initialDelay: 1000, maxDelay: 1000, jitter: 0 }

test('what a handler does to a payload is gone at the next attempt', async () => {
  const { receiver, clock, send } = acmeReceiver({ retry })
  const amounts: unknown[] = []
  receiver.onAnyEvent(({ payload }) => {
    const data = payload.data as { amount: number }
    amounts.push(data.amount)
    data.amount = 99
    throw new Error('not yet')
  })
  await send()
  await receiver.idle()
  await clock.advance(1000)
  await receiver.idle()
  expect(amounts).toEqual([5, 5])
})

test('many events at a time, and large ones, each come with the payload of their own', async () => {
  const { receiver, send } = acmeReceiver()
  const notes = new Map<string, unknown>()
  receiver.onAnyEvent(({ id, payload }) => void notes.set(id, payload.note))
  const sent = Array.from({ length: 300 }, (_, index) => ({
    id: `evt_${index}`,
    note: index % 10 === 0 ? `${index}`.repeat(20_000) : index,
  }))
  await Promise.all(sent.map((event) => send(event)))
  await receiver.idle()
  expect(notes).toEqual(new Map(sent.map(({ id, note }) => [id, note])))
})

test('a body that is handled at once is parsed once', async () => {
  const { receiver, send } = acmeReceiver()
  receiver.onAnyEvent(() => {})
  const parse = vi.spyOn(JSON, 'parse')
  await send()
  await receiver.idle()
  expect(parse).toHaveBeenCalledOnce()
  parse.mockRestore()
})
