import { eventRecord } from '@hookport/testkit/event-records'
import { expect, test, vi } from 'vitest'
import { payloadReaders } from '../../src/bodies/read-payload.ts'
import { ParsedPayloads } from '../../src/handle/parsed-payloads.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'

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

test.each([10, 1_000_000])(
  'a body of %i bytes and more that is handled at once is parsed once',
  async (size) => {
    const { receiver, send } = acmeReceiver()
    receiver.onAnyEvent(() => {})
    const parse = vi.spyOn(JSON, 'parse')
    await send({ note: 'x'.repeat(size) })
    await receiver.idle()
    expect(parse).toHaveBeenCalledOnce()
    parse.mockRestore()
  },
)

test('no more than 64 payloads are kept, nor more than 4 MiB of text; the youngest are', () => {
  const mebibyte = 1024 * 1024
  const kept = (sizes: readonly number[]) => {
    const payloads = new ParsedPayloads(payloadReaders.object)
    const records = sizes.map((size) => eventRecord({ rawBody: Buffer.from('{}'.padEnd(size)) }))
    for (const record of records) payloads.keep(record, { kept: true })
    return records.map((record) => payloads.take(record).kept === true)
  }
  expect(kept(Array(70).fill(2))).toEqual([...Array(6).fill(false), ...Array(64).fill(true)])
  expect(kept([mebibyte, 2, mebibyte, mebibyte, mebibyte])).toEqual([false, true, true, true, true])
  expect(kept([mebibyte, 2, 4 * mebibyte])).toEqual([false, false, true])
  expect(kept([2, 4 * mebibyte + 1, 2])).toEqual([true, false, true])
})
