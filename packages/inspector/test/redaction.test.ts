import { createReceiver, memoryInbox } from '@hookport/core'
import { inspector } from '@hookport/inspector'
import { stripe } from '@hookport/providers/stripe'
import { consumeRecorded, dead } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { failure, putDead } from './support/kept-inbox.ts'
import { Visitor } from './support/visitor.ts'

const email = 'bob+x@example.com'

async function shown(body: string, redact: string[], event: object = {}, why: object = {}) {
  const inbox = memoryInbox()
  const key = await putDead(inbox, { id: 'evt_1', rawBody: Buffer.from(body), ...event }, why)
  const visitor = new Visitor(inspector(inbox, { authorize: () => true, redact }))
  const [one, list] = [await visitor.ask('event', { key }), await visitor.ask('events')]
  return { event: one.value, row: list.value.items[0], visitor, key }
}

describe('what is not to be seen', () => {
  test.each<[string, string, string[], string]>([
    [
      'at a path',
      '{"data":{"customer":{"email":"a@b.c","name":"Bob"}}}',
      ['data.customer.email'],
      '{"data":{"customer":{"email":"[redacted]","name":"Bob"}}}',
    ],
    [
      'whole objects',
      '{"data":{"customer":{"email":"a@b.c"}}}',
      ['data.customer'],
      '{"data":{"customer":"[redacted]"}}',
    ],
    [
      'in each place of an array',
      '{"items":[{"a":1,"b":2},{"a":3}]}',
      ['items.*.a'],
      '{"items":[{"a":"[redacted]","b":2},{"a":"[redacted]"}]}',
    ],
    [
      'under any name',
      '{"x":{"iban":1},"y":{"iban":2}}',
      ['*.iban'],
      '{"x":{"iban":"[redacted]"},"y":{"iban":"[redacted]"}}',
    ],
    ['in arrays of events', '[{"secret":1}]', ['*.secret'], '[{"secret":"[redacted]"}]'],
    [
      'beside numbers that JavaScript can not hold, which stay',
      '{"id":12345678901234567890,"f":1.10,"s":1}',
      ['s'],
      '{"id":12345678901234567890,"f":1.10,"s":"[redacted]"}',
    ],
    ['in a form', 'From=%2B49123&Body=hi', ['From'], '{"From":"[redacted]","Body":"hi"}'],
    [
      'of each thing in an array that a path passes over',
      '{"items":[{"a":1,"b":[{"c":2}]}]}',
      ['items.a', 'items.b.c'],
      '{"items":[{"a":"[redacted]","b":[{"c":"[redacted]"}]}]}',
    ],
    [
      'at one place of an array',
      '{"items":[{"a":1},{"a":2}]}',
      ['items.0.a'],
      '{"items":[{"a":"[redacted]"},{"a":2}]}',
    ],
    [
      'under names with dots',
      '{"data":{"customer.email":"a","x.y":{"z":1}}}',
      ['data.customer.email', 'data.x.y.z'],
      '{"data":{"customer.email":"[redacted]","x.y":{"z":"[redacted]"}}}',
    ],
    [
      'of JSON in a field of a form, as Slack has the whole payload',
      `payload=${encodeURIComponent('{"user":{"name":"Bob"},"type":"x"}')}&token=t`,
      ['user.name', 'payload.type'],
      '{"payload":{"user":{"name":"[redacted]"},"type":"[redacted]"},"token":"t"}',
    ],
    ['where half of a letter stands', '{"a":"half \\ud83d","b":1}', ['a'], '{"a":"[redacted]","b":1}'],
    [
      'of numbers that JavaScript can not hold, and nothing within them',
      '{"a":{"b":12345678901234567890},"c":12345678901234567890}',
      ['a.b', 'c.*'],
      '{"a":{"b":"[redacted]"},"c":12345678901234567890}',
    ],
    [
      'where nothing stands',
      '{"a":1,"b":null}',
      ['c.d', 'a.x', 'b.y', '__proto__.z', 'toString'],
      '{"a":1,"b":null}',
    ],
  ])('is taken out %s', async (_, body, redact, left) => {
    const { event } = await shown(body, redact)
    expect(event.body).toEqual({ bytes: body.length, text: left })
  })

  test('stands neither in the errors of earlier attempts, nor in those that handlers gave up with', async () => {
    const inbox = memoryInbox()
    const event = eventRecord({ rawBody: Buffer.from(JSON.stringify({ email })) })
    const failed = { ...failure, message: `no such customer: ${email}`, stack: `Error: ${email}\n  at x` }
    const attempt = { at: 1, durationMs: 5, outcome: 'failed', failure: failed } as const
    const progress = { completed: [], abandoned: [failed], history: { save: [attempt, attempt] } }
    await inbox.put(event, { rememberMs: 60_000 })
    const { consumer } = consumeRecorded(inbox, async () => ({ ...dead, progress, failures: [failed] }))
    await consumer.idle()
    const visitor = new Visitor(inspector(inbox, { authorize: () => true, redact: ['email'] }))
    const { value } = await visitor.ask('event', { key: event.key })
    expect(JSON.stringify(value)).not.toContain('bob')
    const hidden = { message: 'no such customer: [redacted]' }
    expect(value.progress).toMatchObject({
      abandoned: [hidden],
      history: { save: [{ failure: hidden }, { failure: hidden }] },
    })
  })

  test('stands neither in errors, nor stacks, nor the URL, nor the list', async () => {
    const message = `no such customer: ${email}`
    const request = {
      url: `/hook?email=${encodeURIComponent(email)}`,
      headers: { authorization: 'Bearer 12345', 'x-ok': 'yes' },
    }
    const { event, row } = await shown(
      JSON.stringify({ data: { customer: { email } } }),
      ['data.customer.email', 'headers.authorization'],
      { request },
      { message, stack: `Error: ${message}\n  at x` },
    )
    const everything = JSON.stringify([event, row])
    expect(everything).not.toContain('bob')
    expect(everything).not.toContain('12345')
    expect(event.failures[0].message).toBe('no such customer: [redacted]')
    expect(event.request).toEqual({
      url: '/hook?email=[redacted]',
      headers: { authorization: '[redacted]', 'x-ok': 'yes' },
    })
    expect(row.failure.message).toBe('no such customer: [redacted]')
  })

  test('stands nowhere in other letters, nor escaped, nor as the key of an order', async () => {
    const name = 'Bob "Bobby" Müller'
    const written = [
      name.toUpperCase(),
      JSON.stringify({ name }),
      encodeURIComponent(name),
      new URLSearchParams({ name }).toString(),
    ]
    const { event, row } = await shown(
      JSON.stringify({ customer: { name, id: 'cus_1234' } }),
      ['customer'],
      { request: { url: '/', headers: { 'x-customer': name.toLowerCase() } }, orderKey: 'acme:cus_1234' },
      { message: written.join(', '), stack: written.join('\n') },
    )
    const everything = JSON.stringify([event, row])
    expect(everything).not.toMatch(/bob|m%C3%BCller|müller|cus_/i)
    expect(event.failures[0].message).toBe('[redacted], {"name":"[redacted]"}, [redacted], name=[redacted]')
  })

  test.each(['headers.Authorization', 'headers.*', 'headers'])(
    'is a header by the path %s, and what the list repeats of it',
    async (path) => {
      const request = { url: '/', headers: { authorization: 'Bearer 12345' } }
      const { event, row } = await shown('{"a":1}', [path], { request }, { message: 'got Bearer 12345' })
      expect(event.request.headers).toEqual({ authorization: '[redacted]' })
      expect(row.failure.message).toBe('got [redacted]')
    },
  )

  test.each([1_000, 3_000, 10_000])('of a payload %i deep is an answer, and no error', async (depth) => {
    const { event, row } = await shown(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`, [
      'a.b',
      'a.*.*',
      'a',
    ])
    expect(event.state).toBe('dead')
    expect(row.state).toBe('dead')
  })

  test('is not in what can not be read: nothing of that is shown', async () => {
    const { event, row } = await shown(
      '{"email":"bob@exam',
      ['email'],
      {},
      { message: 'bob@exam is no JSON' },
    )
    expect(event.body).toEqual({ bytes: 18, text: null })
    expect(JSON.stringify([event, row])).not.toContain('bob')
  })

  test('can not be had as bytes', async () => {
    const { visitor, key } = await shown('{"a":1}', ['a'])
    expect(await visitor.ask('body', { key })).toMatchObject({ status: 403, value: { error: 'redacted' } })
  })
})

test('what a receiver says is not to be seen is not shown either', async () => {
  const inbox = memoryInbox()
  const provider = stripe({ secret: 'whsec_any' })
  const receiver = createReceiver({ provider, inbox, redact: ['email'], consume: false, logger: false })
  const key = await putDead(inbox, { rawBody: Buffer.from(`{"email":"${email}","name":"Bobby","a":1}`) })
  const visitor = new Visitor(inspector(receiver, { authorize: () => true, redact: ['name'] }))
  const { value } = await visitor.ask('event', { key })
  expect(value.body.text).toBe('{"email":"[redacted]","name":"[redacted]","a":1}')
  expect((await visitor.ask('session')).value).toMatchObject({ isRedacted: true })
})

/** A list of three dead letters, and a function that is called whenever the page asks for one of them. */
async function listing(asked: () => void) {
  const inbox = memoryInbox()
  const { get } = inbox
  for (const id of ['evt_1', 'evt_2', 'evt_3']) await putDead(inbox, { id })
  const watched = Object.assign(inbox, {
    get: (key: string) => {
      asked()
      return get.call(inbox, key)
    },
  })
  const { value } = await new Visitor(inspector(watched, { authorize: () => true, redact: ['email'] })).ask(
    'events',
  )
  return value.items.map(({ failure }: { failure: { message: string } }) => failure.message)
}

test('between two rows of a list the process does other work: payloads may be large', async () => {
  let hadTurn = true
  const turns: boolean[] = []
  await listing(() => {
    turns.push(hadTurn)
    hadTurn = false
    setTimeout(() => {
      hadTurn = true
    }, 0)
  })
  expect(turns).toEqual([true, true, true])
})

test('a list is answered in time: further error messages are left out', async () => {
  let at = performance.now()
  vi.spyOn(performance, 'now').mockImplementation(() => at)
  onTestFinished(() => void vi.restoreAllMocks())
  const messages = await listing(() => {
    at += 600
  })
  expect(messages).toEqual([failure.message, failure.message, expect.stringMatching('left out here')])
})
