import { stripe } from '@hookport/providers/stripe'
import { heldUnreadable, received } from '@hookport/testkit/receivers/feed-receiver'
import Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { feed, now, nowSeconds, ourVerdict, posted, type Row, theirVerdict } from './support/compare.ts'

const secret = 'whsec_stripe_secret_of_the_endpoint'
const otherSecret = 'whsec_another_secret'
const event = {
  id: 'evt_1',
  object: 'event',
  type: 'invoice.paid',
  created: nowSeconds - 5,
  data: { object: { text: 'größer 🦖' } },
}
const body = JSON.stringify(event)

/** The header of a delivery, signed by Stripe's own library. */
function theirHeader(ageSeconds = 0, { text = body, key = secret, scheme = 'v1' } = {}): string {
  const timestamp = nowSeconds - ageSeconds
  return Stripe.webhooks.generateTestHeaderString({ payload: text, secret: key, timestamp, scheme } as never)
}

const genuine = theirHeader()
const time = `t=${nowSeconds}`
const v1 = genuine.slice(genuine.indexOf('v1='))
const wrong = theirHeader(0, { key: otherSecret }).slice(genuine.indexOf('v1='))
const signedAs = (header: string) => ({ 'stripe-signature': header })

const accepted = { ours: 'accepts', theirs: 'accepts' } as const
const refused = { ours: 'invalid_signature', theirs: 'refuses' } as const
const missing = { ours: 'missing_signature', theirs: 'refuses' } as const
const stale = { ours: 'stale_event', theirs: 'refuses' } as const

const rows: Row[] = [
  { name: 'as they sign it', headers: signedAs(genuine), body, ...accepted },
  { name: 'with a body that was changed', headers: signedAs(genuine), body: `${body} `, ...refused },
  { name: 'with an empty body', headers: signedAs(genuine), body: '', ...refused },
  { name: 'without a signature', headers: {}, body, ...missing },
  { name: 'with an empty signature', headers: signedAs(''), body, ...missing },
  {
    name: 'signed with another secret',
    headers: signedAs(theirHeader(0, { key: otherSecret })),
    body,
    ...refused,
  },
  { name: 'signed over another body', headers: signedAs(theirHeader(0, { text: '{}' })), body, ...refused },
  {
    name: 'with another time',
    headers: signedAs(genuine.replace(time, `t=${nowSeconds - 1}`)),
    body,
    ...refused,
  },
  { name: 'without a time', headers: signedAs(v1), body, ...refused },
  { name: 'with a time that is none', headers: signedAs(`t=now,${v1}`), body, ...refused },
  {
    name: 'with a time and more',
    headers: signedAs(`t=${nowSeconds}x,${v1}`),
    body,
    ours: 'invalid_signature',
    theirs: 'accepts',
    because: 'what was signed is not what is written there',
  },
  {
    name: 'with two times',
    headers: signedAs(`t=1,${genuine}`),
    body,
    ours: 'invalid_signature',
    theirs: 'accepts',
    because: 'which of them was signed is a guess',
  },
  { name: 'with a time alone', headers: signedAs(time), body, ...refused },
  { name: 'with a signature cut off', headers: signedAs(genuine.slice(0, -1)), body, ...refused },
  { name: 'with half a signature', headers: signedAs(genuine.slice(0, -32)), body, ...refused },
  { name: 'in upper-case', headers: signedAs(`${time},v1=${v1.slice(3).toUpperCase()}`), body, ...refused },
  {
    name: 'under the scheme of tests',
    headers: signedAs(theirHeader(0, { scheme: 'v0' })),
    body,
    ...refused,
  },
  { name: 'under a scheme to come', headers: signedAs(theirHeader(0, { scheme: 'v2' })), body, ...refused },
  {
    name: 'with the right signature after a wrong one',
    headers: signedAs(`${time},${wrong},${v1}`),
    body,
    ...accepted,
  },
  {
    name: 'with the right signature among other schemes',
    headers: signedAs(`${time},v0=${'0'.repeat(64)},${v1},v2=abc`),
    body,
    ...accepted,
  },
  { name: 'with wrong signatures only', headers: signedAs(`${time},${wrong},${wrong}`), body, ...refused },
  { name: 'with its time at the end', headers: signedAs(`${v1},${time}`), body, ...accepted },
  { name: 'separated by blanks', headers: signedAs(`${time} ${v1}`), body, ...refused },
  { name: 'with a blank behind the comma', headers: signedAs(`${time}, ${v1}`), body, ...refused },
  { name: 'with a blank ahead of the time', headers: signedAs(`${v1}, ${time}`), body, ...refused },
  {
    name: 'twice, as a proxy writes that which sends the header twice',
    headers: signedAs(`${time},${v1}, ${time},${v1}`),
    body,
    ...accepted,
  },
  { name: 'signed 299 s ago', headers: signedAs(theirHeader(299)), body, ...accepted },
  {
    name: 'signed 300 s ago',
    headers: signedAs(theirHeader(300)),
    body,
    ours: 'stale_event',
    theirs: 'accepts',
    because: 'an age has to be under the tolerance',
  },
  { name: 'signed 301 s ago', headers: signedAs(theirHeader(301)), body, ...stale },
  { name: 'signed a year ago', headers: signedAs(theirHeader(365 * 86_400)), body, ...stale },
  { name: 'signed 300 s from now', headers: signedAs(theirHeader(-300)), body, ...accepted },
  {
    name: 'signed 301 s from now',
    headers: signedAs(theirHeader(-301)),
    body,
    ours: 'stale_event',
    theirs: 'accepts',
    because: 'tolerance holds both ways',
  },
]

describe('what Stripe’s own library says, hookport says', () => {
  test.each(rows)(
    'a delivery $name: ours $ours, theirs $theirs',
    async ({ headers, body, ours, theirs, because }) => {
      const header = headers['stripe-signature'] ?? ''
      const verdict = await theirVerdict(() =>
        Stripe.webhooks.constructEvent(body, header, secret, undefined, undefined, now),
      )
      expect(verdict).toBe(theirs)
      expect(await ourVerdict(stripe({ secret }), { headers, body })).toBe(ours)
      if (theirs === 'refuses') expect(ours).not.toBe('accepts')
      else if (ours !== 'accepts') expect(because).toBeDefined()
    },
  )
})

describe('tolerance', () => {
  test('an option narrows or widens it', async () => {
    const narrow = stripe({ secret, tolerance: 10_000 })
    expect(await ourVerdict(narrow, { headers: signedAs(theirHeader(9)), body })).toBe('accepts')
    expect(await ourVerdict(narrow, { headers: signedAs(theirHeader(10)), body })).toBe('stale_event')
    const wide = stripe({ secret, tolerance: 3600_000 })
    expect(await ourVerdict(wide, { headers: signedAs(theirHeader(3599)), body })).toBe('accepts')
    expect(await ourVerdict(wide, { headers: signedAs(theirHeader(3600)), body })).toBe('stale_event')
  })

  test('the time of the event does not matter to it: a retry after two days is signed anew', async () => {
    const text = JSON.stringify({ ...event, created: nowSeconds - 2 * 86_400 })
    const { deliver, handled } = feed(stripe({ secret }))
    expect(await deliver(posted(text, signedAs(theirHeader(0, { text }))))).toEqual(received)
    expect(handled.map(({ createdAt }) => createdAt.getTime())).toEqual([now - 2 * 86_400_000])
  })
})

test('a secret is used as text, its whsec_ included', async () => {
  const headers = signedAs(theirHeader(0, { key: secret.slice('whsec_'.length) }))
  expect(await ourVerdict(stripe({ secret }), { headers, body })).toBe('invalid_signature')
})

describe('rotation', () => {
  test('while one secret replaces another, either signs, and the observer is told which', async () => {
    const { deliver, seen } = feed(stripe({ secret: [otherSecret, secret] }))
    const newer = JSON.stringify({ ...event, id: 'evt_2' })
    await deliver(posted(body, signedAs(genuine)))
    await deliver(posted(newer, signedAs(theirHeader(0, { text: newer, key: otherSecret }))))
    expect(seen.map(({ secretIndex }) => secretIndex)).toEqual([1, 0])
  })

  test('a sender that signs with both is believed by a receiver that knows one', async () => {
    const headers = signedAs(`${time},${wrong},${v1}`)
    expect(await ourVerdict(stripe({ secret }), { headers, body })).toBe('accepts')
    expect(await ourVerdict(stripe({ secret: otherSecret }), { headers, body })).toBe('accepts')
  })
})

describe('identity', () => {
  test('is the id in the body: an attempt that is signed anew is a duplicate', async () => {
    const { deliver, handled, seen } = feed(stripe({ secret }))
    for (const age of [200, 100, 0])
      expect(await deliver(posted(body, signedAs(theirHeader(age))))).toEqual(received)
    expect(handled.map(({ id }) => id)).toEqual(['evt_1'])
    expect(seen.map(({ outcome }) => outcome)).toEqual(['accepted', 'duplicate', 'duplicate'])
  })

  test.each([
    ['no id', { id: undefined }],
    ['no type', { type: undefined }],
  ])('an event with %s is none', async (_, changes) => {
    const text = JSON.stringify({ ...event, ...changes })
    const { deliver } = feed(stripe({ secret }))
    expect(await deliver(posted(text, signedAs(theirHeader(0, { text }))))).toEqual(heldUnreadable)
  })
})

test('data of a type with a schema is checked, that of others is handed on', async () => {
  const events = { 'invoice.paid': z.object({ object: z.object({ amount: z.number() }) }) }
  const { deliver, handled, deadLetters } = feed(stripe({ secret, events }))
  const texts = [
    { ...event, id: 'evt_1', data: { object: { amount: 5 } } },
    { ...event, id: 'evt_2', data: { object: { amount: 'five' } } },
    { ...event, id: 'evt_3', type: 'unheard.of', data: { anything: true } },
  ].map((payload) => JSON.stringify(payload))
  for (const text of texts)
    expect(await deliver(posted(text, signedAs(theirHeader(0, { text }))))).toEqual(received)
  expect(handled.map(({ data }) => data)).toEqual([{ object: { amount: 5 } }, { anything: true }])
  await expect.poll(deadLetters).toHaveLength(1)
})

test.each([
  ['no time', undefined, now],
  ['a time that is text', '2026', now],
  ['a time beyond all dates', 1e300, now],
  ['a time of version 2, which is text', '2026-11-19T12:00:00.000Z', Date.parse('2026-11-19T12:00:00Z')],
])('%s is no reason to refuse', async (_, created, at) => {
  const text = JSON.stringify({ ...event, created })
  const { deliver, handled } = feed(stripe({ secret }))
  expect(await deliver(posted(text, signedAs(theirHeader(0, { text }))))).toEqual(received)
  expect(handled.map(({ createdAt }) => createdAt.getTime())).toEqual([at])
})

test('a thin event of version 2 is an event, as their library reads it', async () => {
  const thin = {
    id: 'evt_test_65R9Ijk8dKEYZcXeRWn16R9A7j1FSQ3w3TGDPLLGSM4CW0',
    object: 'v2.core.event',
    type: 'v1.billing.meter.error_report_triggered',
    livemode: false,
    created: '2026-11-20T11:59:56.000Z',
    context: 'acct_connected',
    related_object: { id: 'meter_1', type: 'billing.meter', url: '/v1/billing/meters/meter_1' },
  }
  const text = JSON.stringify(thin)
  const header = theirHeader(0, { text })
  const theirs = new Stripe('sk_test_1').parseEventNotification(
    text,
    header,
    secret,
    undefined,
    undefined,
    now,
  )
  const { deliver, handled } = feed(stripe({ secret }))
  expect(await deliver(posted(text, signedAs(header)))).toEqual(received)
  expect(handled).toMatchObject([{ id: theirs.id, type: theirs.type, createdAt: new Date(theirs.created) }])
  expect(handled.map(({ payload }) => payload.related_object)).toEqual([thin.related_object])
})

test('an event of a connected account says whose it is', async () => {
  const text = JSON.stringify({ ...event, account: 'acct_connected' })
  const { deliver, handled } = feed(stripe({ secret }))
  expect(await deliver(posted(text, signedAs(theirHeader(0, { text }))))).toEqual(received)
  expect(handled.map(({ payload }) => payload.account)).toEqual(['acct_connected'])
})
