import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'
import { readAnew, readEvents } from '../../src/accept/identity/read-event.ts'
import { unreadableEvent } from '../../src/accept/identity/unreadable-event.ts'
import { acme, post } from '../support/acme.ts'
import { paidOrder, start } from '../support/acme-receiver.ts'

const rawBody = Buffer.from(JSON.stringify(paidOrder(start)))
const origin = { source: 'acme', tenant: undefined }

test('more than 10,000 events at once are taken of a sender that signs, and of no other', async () => {
  const parts = (count: number) => Array<Uint8Array>(count).fill(rawBody)
  const readingOf = async (provider: ReturnType<typeof acme>, count: number) => {
    const sending = { ...provider, splitBody: () => parts(count) }
    const body = { rawBody, identity: rawBody }
    return (await readEvents(sending, origin, body, post(rawBody), start)).length
  }
  expect(await readingOf(acme(), 10_001)).toBe(10_001)
  expect(await readingOf(acme({ allowUnsigned: true }), 10_000)).toBe(10_000)
  await expect(readingOf(acme({ allowUnsigned: true }), 10_001)).rejects.toMatchObject({
    code: 'invalid_payload',
    message: expect.stringContaining('it has 10001 events'),
  })
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
