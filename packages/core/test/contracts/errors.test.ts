import { isHookportError, PermanentError, RetryLater } from '@hookport/core'
import { afterEach, expect, test, vi } from 'vitest'
import { isRefusal } from '../../src/contracts/errors.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'

afterEach(() => {
  vi.resetModules()
})

/** The errors of another copy of the package, as a second version in `node_modules` has them. */
async function otherCopy() {
  vi.resetModules()
  const copy = await import('@hookport/core')
  expect(copy.PermanentError).not.toBe(PermanentError)
  return copy
}

test('PermanentError of another copy goes straight to the dead letters', async () => {
  const copy = await otherCopy()
  const { receiver, send, observed } = acmeReceiver()
  receiver.onEvent('order.paid', () => {
    throw new copy.PermanentError('no such order')
  })
  await send()
  await receiver.idle()
  expect(observed.dead).toMatchObject([{ failures: [{ code: 'permanent_failure' }] }])
  expect(observed.failed).toEqual([])
})

test('RetryLater of another copy waits, and uses up no attempt', async () => {
  const copy = await otherCopy()
  const { receiver, send, clock, observed } = acmeReceiver()
  const attempts: number[] = []
  receiver.onEvent('order.paid', (_, { attempt }) => {
    if (attempts.push(attempt) === 1) throw new copy.RetryLater(60_000)
  })
  await send()
  await receiver.idle()
  await clock.advance(59_999)
  expect(attempts).toEqual([1])
  await clock.advance(1)
  expect(attempts).toEqual([1, 1])
  expect(observed.handled).toMatchObject([{ attempt: 1 }])
})

test('a Refusal of another copy, as an adapter throws it, is answered as it says', async () => {
  const copy = await otherCopy()
  const { receiver } = acmeReceiver()
  const refusal = new copy.Refusal('misconfigured', 'the body is gone')
  expect(isRefusal(refusal)).toBe(true)
  const reply = await receiver.receive({
    method: 'POST',
    url: '/',
    headers: new Headers({ 'x-acme-signature': '0'.repeat(64) }),
    readBody: () => Promise.reject(refusal),
  })
  expect(reply).toMatchObject({ status: 500, body: '{"error":"misconfigured"}' })
})

test('errors of hookport are known, and no others', async () => {
  const copy = await otherCopy()
  expect([new RetryLater(1), new copy.RetryLater(1)].map(isHookportError)).toEqual([true, true])
  expect([new Error('no'), { code: 'retry_later' }, null, 'retry_later'].map(isHookportError)).toEqual([
    false,
    false,
    false,
    false,
  ])
  expect(isRefusal(new PermanentError('no'))).toBe(false)
})
