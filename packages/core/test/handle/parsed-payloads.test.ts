import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test, vi } from 'vitest'
import { payloadReaders } from '../../src/bodies/read-payload.ts'
import { ParsedPayloads } from '../../src/handle/turn/parsed-payloads.ts'
import { payloadMemory } from '../../src/handle/turn/payload-memory.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'
import { kept, keptOf } from '../support/kept-payloads.ts'

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
    const itsBody = parse.mock.calls.filter(([text]) => text.includes('x'.repeat(size))) // other tests of this process may parse, too
    expect(itsBody).toHaveLength(1)
    parse.mockRestore()
  },
)

const mebibyte = 1024 * 1024

test('no more than 128 payloads are kept, and the youngest are', () => {
  expect(kept('{}', 130)).toEqual([false, false, ...Array(128).fill(true)])
})

test('long lists of numbers take up little: 25 of a mebibyte are kept, and the youngest are', () => {
  const numbers = `[${'0.5,'.repeat(mebibyte / 4)}1]`
  expect(kept(numbers, 30)).toEqual([...Array(5).fill(false), ...Array(25).fill(true)])
})

/** The largest of those that nobody looks through: 36 bytes of memory for each of its bytes. */
const small = JSON.stringify({ note: 'x'.repeat(14_563 - '{"note":""}'.length) })

test('what has made room is no longer counted: of small ones the last 128 are kept, however many came', () => {
  expect(kept(small, 600)).toEqual([...Array(472).fill(false), ...Array(128).fill(true)])
})

test('small ones count, too: a large one takes the place of the oldest', () => {
  const large = JSON.stringify({ note: 'x'.repeat(16 * mebibyte) }) // two bytes of memory for each
  const result = keptOf([...Array(127).fill(small), large])
  expect(result.at(-1)).toBe(true)
  const dropped = result.indexOf(true)
  expect(dropped).toBeGreaterThan(60)
  expect(dropped).toBeLessThan(70)
  expect(result.slice(dropped)).not.toContain(false)
})

test('one that takes up all the memory there is, is kept alone; one that takes up more is not', () => {
  const payloads = new ParsedPayloads(payloadReaders.json)
  const rawBody = Buffer.alloc(20_000)
  const sized = (length: number) => ({
    record: eventRecord({ rawBody }),
    payload: { note: 'x'.repeat(length) },
  })
  const most = sized((64 * mebibyte - payloadMemory({ note: '' }, mebibyte)) / 2)
  payloads.keep(eventRecord({ rawBody }), {})
  payloads.keep(most.record, most.payload)
  expect(payloads.take(most.record)).toBe(most.payload)
  const more = { ...sized(0), payload: { note: `${most.payload.note}x` } }
  payloads.keep(more.record, more.payload)
  expect(() => payloads.take(more.record), 'it is read again').toThrow()
})

test('a large payload that is nested very deeply is handled, and not kept parsed', () => {
  const deep = `${'['.repeat(40_000)}${']'.repeat(40_000)}`
  expect(kept(deep, 1)).toEqual([false])
})
