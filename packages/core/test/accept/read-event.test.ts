import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test, vi } from 'vitest'
import { readAnew, readEvents } from '../../src/accept/identity/read-event.ts'
import { unreadableEvent } from '../../src/accept/identity/unreadable-event.ts'
import { acme, acmeSecret, post } from '../support/acme.ts'
import { paidOrder, start } from '../support/acme-receiver.ts'

const rawBody = Buffer.from(JSON.stringify(paidOrder(start)))
const origin = { source: 'acme', tenant: undefined }

test('more than 10,000 events at once are taken of a sender that signs, and of no other', async () => {
  const event = JSON.stringify(paidOrder(start))
  const readingsOf = (provider: ReturnType<typeof acme>, count: number) => {
    const many = Buffer.from(`[${Array(count).fill(event).join()}]`)
    return readEvents(provider, origin, { rawBody: many, identity: many }, post(many), start)
  }
  expect(await readingsOf(acme({ body: 'events', secret: acmeSecret }), 10_001)).toHaveLength(10_001)
  const unsigned = acme({ body: 'events', allowUnsigned: true })
  expect(await readingsOf(unsigned, 10_000)).toHaveLength(10_000)
  await expect(async () => readingsOf(unsigned, 10_001)).rejects.toMatchObject({
    code: 'invalid_payload',
    message: expect.stringContaining('it has 10001 events'),
  })
})

test('of a body with more events than are taken, none is copied', async () => {
  const many = Buffer.from(`[${Array(10_001).fill('1').join()}]`)
  const copy = vi.spyOn(many, 'slice')
  const unsigned = acme({ body: 'events', allowUnsigned: true })
  const reading = async () =>
    readEvents(unsigned, origin, { rawBody: many, identity: many }, post(many), start)
  await expect(reading).rejects.toMatchObject({ code: 'invalid_payload' })
  expect(copy).not.toHaveBeenCalled()
})

test('a body that was kept without its request is read anew as one without headers', async () => {
  const kept = eventRecord({ source: 'acme', rawBody, request: undefined })
  expect(await readAnew(acme(), kept)).toMatchObject([{ id: 'evt_1', type: 'order.paid' }])
  const byHeader = acme({
    allowUnsigned: true,
    readEnvelope: (_, headers) => ({
      id: 'evt_1',
      type: headers.get('x-acme-type') ?? 'none',
      createdAt: undefined,
    }),
  })
  expect(await readAnew(byHeader, kept)).toMatchObject([{ type: 'none' }])
})

test('what can not be read has a trace only where one was given', async () => {
  const part = { rawBody, digest: () => 'digest' }
  const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }
  const recordWith = (given: object) =>
    unreadableEvent(acme(), { ...origin, ...given }, part, post(rawBody), start)
  expect(await recordWith({ trace })).toMatchObject({ trace })
  expect(await recordWith({})).not.toHaveProperty('trace')
})
