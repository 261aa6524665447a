import type { Provider } from '@hookport/core'
import { expect, test, vi } from 'vitest'
import { verifySignature } from '../../src/accept/verify/verify-signature.ts'
import { completeClock } from '../../src/time/system-clock.ts'
import { acme, acmeSecret, post, sign, signedPost } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

const body = JSON.stringify(paidOrder(start))
const forged = post(body, { 'x-acme-signature': sign('another body') })
const usualCauses = /is the secret the one .* @hookport\/cli doctor/

type Diagnose = NonNullable<Provider['diagnoseMismatch']>

const diagnosing = (diagnoseMismatch: Provider['diagnoseMismatch']) =>
  acmeReceiver({ provider: { ...acme(), diagnoseMismatch } })

test.each<[string, Provider['diagnoseMismatch'], string | undefined, string | RegExp]>([
  ['the diagnosis', async () => 'a newline was added', 'mount it earlier', 'a newline was added'],
  ['what the adapter suspects', undefined, 'mount it earlier', 'mount it earlier'],
  ['the usual causes', undefined, undefined, usualCauses],
  ['the usual causes', () => Promise.reject(new Error('no diagnosis')), 'mount it earlier', usualCauses],
])('of a signature that does not match, the log names %s', async (_, diagnose, fixOnMismatch, expected) => {
  const { receiver, log } = diagnosing(diagnose)
  const delivery = fixOnMismatch === undefined ? forged : { ...forged, fixOnMismatch }
  expect(await receiver.receive(delivery)).toMatchObject({ status: 401 })
  expect(log.lines).toMatchObject([
    {
      message: 'delivery refused: the signature does not match the body under any secret',
      details: { fix: typeof expected === 'string' ? expected : expect.stringMatching(expected) },
    },
  ])
})

test('a diagnosis is told what was sent where, as a signature may hold it', async () => {
  const diagnose = vi.fn<Diagnose>(async () => 'a newline was added')
  await diagnosing(diagnose).receiver.receive(forged)
  const where = { method: 'POST', url: '/hooks/acme' }
  expect(diagnose.mock.calls).toEqual([[Buffer.from(body), forged.headers, where]])
})

test('a signature is read with the method and the URL, as it may hold them', async () => {
  const readSignature = vi.fn(() => 'missing' as const)
  const { receiver } = acmeReceiver({ provider: acme({ secret: acmeSecret, readSignature }) })
  await receiver.receive({ ...signedPost(body), url: '/hooks/acme?tenant=1' })
  expect(readSignature.mock.calls).toEqual([
    [expect.anything(), { method: 'POST', url: '/hooks/acme?tenant=1' }],
  ])
})

test.each<[string | undefined, string | RegExp]>([
  ['mount it earlier', 'mount it earlier'],
  [undefined, usualCauses],
])('without a diagnosis, the refusal itself names a fix: %s', async (fixOnMismatch, expected) => {
  const delivery = fixOnMismatch === undefined ? forged : { ...forged, fixOnMismatch }
  const claim = { digests: [Buffer.from(sign('another body'), 'hex')] }
  const patience = { acceptTimeout: 3_000, maxBytesInFlight: 1e6, clock: completeClock() }
  const verified = verifySignature(acme(), claim, Buffer.from(body), delivery, patience)
  await expect(verified).rejects.toMatchObject({
    code: 'invalid_signature',
    fix: typeof expected === 'string' ? expected : expect.stringMatching(expected),
  })
})

test('a secret that does not come within acceptTimeout is told of with that time', async () => {
  const provider = acme({ secret: () => new Promise<string>(() => {}) })
  const { receiver, clock, log } = acmeReceiver({ provider, acceptTimeout: 500 })
  const reply = receiver.receive(signedPost(body))
  await clock.advance(500)
  expect(await reply).toMatchObject({ status: 503 })
  expect(log.lines).toMatchObject([
    {
      level: 'error',
      message: 'delivery refused: the secret of this delivery could not be obtained',
      details: { err: { message: 'there was no answer within 500 ms' } },
    },
  ])
})
