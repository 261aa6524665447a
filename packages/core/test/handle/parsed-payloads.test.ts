import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test, vi } from 'vitest'
import { payloadReaders } from '../../src/bodies/read-payload.ts'
import { ParsedPayloads } from '../../src/handle/turn/parsed-payloads.ts'
import { payloadMemory } from '../../src/handle/turn/payload-memory.ts'
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

const mebibyte = 1024 * 1024

/** Whether the payload of each of so many events with this body is kept. */
function kept(body: string, events: number): boolean[] {
  return keptOf(Array.from({ length: events }, () => body))
}

/** The same of events with these bodies, in their order. */
function keptOf(bodies: readonly string[]): boolean[] {
  const payloads = new ParsedPayloads(payloadReaders.json)
  const parsed = new Map([...new Set(bodies)].map((body) => [body, payloadReaders.json(Buffer.from(body))]))
  const records = bodies.map((body) => eventRecord({ rawBody: Buffer.from(body) }))
  records.forEach((record, index) => {
    payloads.keep(record, parsed.get(bodies[index] ?? '') ?? {})
  })
  return records.map((record, index) => payloads.take(record) === parsed.get(bodies[index] ?? ''))
}

test('no more than 128 payloads are kept, and the youngest are', () => {
  expect(kept('{}', 130)).toEqual([false, false, ...Array(128).fill(true)])
})

/** JSON of about so many bytes, each of another form. */
const forms: Record<string, (bytes: number) => string> = {
  numbers: (bytes) => `[${'0.5,'.repeat(bytes / 4)}1]`,
  'numbers among others': (bytes) => `[${'0.5,'.repeat(bytes / 4)}null]`,
  texts: (bytes) => `[${'"ab",'.repeat(bytes / 5)}1]`,
  'texts beyond one byte': (bytes) => `[${'"жж",'.repeat(bytes / 7)}1]`,
  'one long text': (bytes) => `{"note":"${'ж'.repeat(bytes / 2)}"}`,
  'empty arrays': (bytes) => `[${'[],'.repeat(bytes / 3)}1]`,
  'empty objects': (bytes) => `[${'{},'.repeat(bytes / 3)}1]`,
  'arrays in arrays': (bytes) => `[${`${'['.repeat(50)}${']'.repeat(50)},`.repeat(bytes / 101)}1]`,
  names: (bytes) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: bytes / 8 }, (_, i) => [i.toString(36), 1]))),
  objects: (bytes) => `[${'{"a":0.5,"b":{}},'.repeat(bytes / 17)}1]`,
  'objects that share no name': (bytes) =>
    JSON.stringify(Array.from({ length: bytes / 12 }, (_, i) => ({ [i.toString(36)]: 0.5 }))),
}

/** What a value takes up, in bytes. */
function memoryOf(make: () => unknown): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const before = process.memoryUsage().heapUsed
  const made = make()
  collect()
  const after = process.memoryUsage().heapUsed
  expect(made).toBeDefined()
  return after - before
}

test.each(Object.entries(forms))(
  'what is kept parsed takes up at most 64 MiB of memory: %s',
  { timeout: 60_000 },
  (_, form) => {
    for (const size of [32 * 1024, mebibyte / 8]) {
      const body = form(size)
      const howMany = kept(body, 130).filter(Boolean).length
      expect(howMany).toBeGreaterThan(4)
      expect(memoryOf(() => JSON.parse(body)) * howMany).toBeLessThan(64 * mebibyte)
    }
  },
)

test('long lists of numbers take up little: 25 of a mebibyte are kept, and the youngest are', () => {
  const numbers = (forms.numbers as (bytes: number) => string)(mebibyte)
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
