import type { Reply } from '@hookport/core'
import { createReceiver, memoryInbox } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hold, timeout, title } from './support/fuzz.ts'
import { acceptingReceiver, delivery } from './support/receive.ts'
import { now, senders } from './support/senders.ts'

const bytes = fc.uint8Array({ maxLength: 300 })
const headerText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.constantFrom(
    '',
    ' ',
    'v1,',
    'v1=',
    't=',
    't=1,v1=',
    'sha256=',
    '__proto__',
    ','.repeat(5000),
    'v1, '.repeat(5000),
  ),
)

/** Keys and texts that a careless object, schema or switch would trip over. */
const oddText = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  'then',
  'hasOwnProperty',
  'data',
  'type',
  'id',
  '',
)
const oddJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.jsonValue(),
    oddText,
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
  object: fc.array(fc.tuple(fc.oneof(oddText, fc.string()), tie('value')), { maxLength: 5 }),
})).value

describe.each(Object.entries(senders))(`%s: ${title}`, (_, { provider, sign, write }) => {
  const receiver = acceptingReceiver(provider)
  const names = Object.keys(sign(new Uint8Array()))

  test('whatever the bytes and headers, there is a reply, and it is a refusal', { timeout }, () =>
    hold(
      fc.asyncProperty(
        bytes,
        fc.record(Object.fromEntries(names.map((name) => [name, headerText])), { requiredKeys: [] }),
        async (body, headers) => {
          expectReply(await receiver.receive(delivery(body, headers as Record<string, string>)), [401])
        },
      ),
    ),
  )

  test('whatever the bytes that are authentic, there is a reply', { timeout }, () =>
    hold(
      fc.asyncProperty(bytes, async (body) => {
        expectReply(await receiver.receive(delivery(body, sign(body))), [200, 400])
      }),
    ),
  )

  test('whatever the JSON that is authentic, there is a reply', { timeout }, () =>
    hold(
      fc.asyncProperty(oddJson, async (value) => {
        const body = Buffer.from(writeOdd(value))
        expectReply(await receiver.receive(delivery(body, sign(body))), [200, 400])
      }),
    ),
  )

  test('whatever the data, it is handled or becomes a dead letter', { timeout }, () =>
    hold(
      fc.asyncProperty(
        oddJson,
        fc.constantFrom(...provider.events.keys(), 'some.event'),
        async (data, type) => {
          const clock = manualClock(now)
          const handled: unknown[] = []
          const taking = createReceiver({
            logger: false,
            provider,
            clock,
            inbox: memoryInbox({ clock }),
            retry: { attempts: 1 },
          })
          taking.onAnyEvent((event) => void handled.push(event))
          const { data: _, ...envelope } = {
            data,
            ...write('evt_1', null),
            ...(provider.events.size > 0 && { type, event: type }),
          }
          const body = Buffer.from(`${JSON.stringify(envelope).slice(0, -1)},"data":${writeOdd(data)}}`)
          expectReply(await taking.receive(delivery(body, sign(body))), [200])
          await taking.idle()
          const { dead } = await taking.inbox.counts()
          expect(handled.length + dead).toBe(1)
          await taking.stop()
        },
      ),
    ),
  )
})

function expectReply({ status, body }: Reply, statuses: number[]): void {
  expect(statuses).toContain(status)
  expect(body).toMatch(/^\{"(received":true|error":"[a-z_]+")\}$/)
}

/** Lists of pairs become objects, with keys that come twice, or that an object literal could not have. */
function writeOdd(value: unknown): string {
  if (!Array.isArray(value)) return JSON.stringify(value)
  const arePairs =
    value.length > 0 && value.every((item) => Array.isArray(item) && typeof item[0] === 'string')
  if (!arePairs) return `[${value.map(writeOdd)}]`
  return `{${value.map(([name, item]) => `${JSON.stringify(name)}:${writeOdd(item ?? null)}`)}}`
}
