import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test, vi } from 'vitest'
import { payloadReaders } from '../../src/bodies/read-payload.ts'
import { ParsedPayloads } from '../../src/handle/turn/parsed-payloads.ts'
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
  const payloads = new ParsedPayloads(payloadReaders.json)
  const rawBody = Buffer.from(body)
  const payload = payloadReaders.json(rawBody)
  const records = Array.from({ length: events }, () => eventRecord({ rawBody }))
  for (const record of records) payloads.keep(record, payload)
  return records.map((record) => payloads.take(record) === payload)
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

test('long lists of numbers take up little: 25 of a mebibyte are kept', () => {
  const numbers = (forms.numbers as (bytes: number) => string)(mebibyte)
  expect(kept(numbers, 30).filter(Boolean)).toHaveLength(25)
})

test('a large payload that is nested very deeply is handled, and not kept parsed', () => {
  const deep = `${'['.repeat(40_000)}${']'.repeat(40_000)}`
  expect(kept(deep, 1)).toEqual([false])
})
