import { jaotReceiver } from '@hookport/providers/jaot'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { type SignedDelivery, sampleEvent, signDelivery } from '@hookport/sender'
import {
  feedReceiver,
  invalidSignature,
  missingSignature,
  received,
} from '@hookport/testkit/receivers/feed-receiver'
import {
  jaotOptions,
  jaotSecret,
  sematryxOptions,
  signedJaot,
  signedSematryx,
  testTime,
} from '@hookport/testkit/receivers/signed-deliveries'
import { describe, expect, test } from 'vitest'

function withSignature(delivery: SignedDelivery, change: (signature: string) => string): SignedDelivery {
  const headers = Object.fromEntries(
    Object.entries(delivery.headers).map(([name, value]) => [
      name,
      name.toLowerCase().endsWith('-signature') ? change(value) : value,
    ]),
  )
  return { ...delivery, headers }
}

/** What is no signature, however it was made from a genuine one. */
const malformations: [string, (signature: string) => string][] = [
  ['in upper-case hex', (signature) => signature.replace(/[0-9a-f]{64}$/, (hex) => hex.toUpperCase())],
  ['cut by a digit', (signature) => signature.slice(0, -1)],
  ['longer by a digit', (signature) => `${signature}0`],
  ['sent twice', (signature) => `${signature}, ${signature}`],
  ['under a version', (signature) => `v1=${signature}`],
  ['in quotes', (signature) => `"${signature}"`],
  ['in base64', (signature) => Buffer.from(signature.slice(-64), 'hex').toString('base64')],
]

describe('Sematryx', () => {
  const feed = () => feedReceiver(sematryxReceiver(sematryxOptions))

  test('bare lower-case hex is accepted', async () => {
    expect(signedSematryx().headers['X-Sematryx-Signature']).toMatch(/^[0-9a-f]{64}$/)
    expect(await feed().deliver(signedSematryx())).toEqual(received)
  })

  test.each([
    ...malformations,
    ['prefixed with sha256=', (signature: string) => `sha256=${signature}`] as const,
  ])('a signature %s is refused', async (_, change) => {
    const { deliver, handled } = feed()
    expect(await deliver(withSignature(signedSematryx(), change))).toEqual(invalidSignature)
    expect(handled).toEqual([])
  })

  test('an empty signature is a missing one', async () => {
    expect(await feed().deliver(withSignature(signedSematryx(), () => ''))).toEqual(missingSignature)
  })

  test("another provider's header is no signature", async () => {
    const { headers, ...signed } = signedSematryx()
    const renamed = { 'X-Jaot-Signature': String(headers['X-Sematryx-Signature']) }
    expect(await feed().deliver({ ...signed, headers: renamed })).toEqual(missingSignature)
  })
})

describe('JAOT', () => {
  const feed = () => feedReceiver(jaotReceiver(jaotOptions))
  const documented = signedJaot('trigger.run.completed')
  const real = signedJaot('execution.completed')

  test('bare hex, as documented, is accepted', async () => {
    expect(documented.headers['X-JAOT-Signature']).toMatch(/^[0-9a-f]{64}$/)
    expect(await feed().deliver(documented)).toEqual(received)
  })

  test('hex after sha256=, as really sent, is accepted', async () => {
    expect(real.headers['X-Jaot-Signature']).toMatch(/^sha256=[0-9a-f]{64}$/)
    expect(await feed().deliver(real)).toEqual(received)
  })

  describe.each([
    ['documented', documented],
    ['real', real],
  ])('%s', (_form, delivery) => {
    test.each(malformations)('a signature %s is refused', async (_, change) => {
      const { deliver, handled } = feed()
      expect(await deliver(withSignature(delivery, change))).toEqual(invalidSignature)
      expect(handled).toEqual([])
    })
  })

  test.each<[string, (signature: string) => string]>([
    ['prefixed twice', (signature) => `sha256=${signature}`],
    ['under sha1=', (signature) => signature.replace('sha256', 'sha1')],
    ['that is a prefix only', () => 'sha256='],
  ])('a signature %s is refused', async (_, change) => {
    const { deliver, handled } = feed()
    expect(await deliver(withSignature(real, change))).toEqual(invalidSignature)
    expect(handled).toEqual([])
  })

  test('an empty signature is a missing one', async () => {
    expect(await feed().deliver(withSignature(real, () => ''))).toEqual(missingSignature)
  })

  test.each([
    ['without its whsec_', jaotSecret.slice('whsec_'.length)],
    ['decoded from base64', Buffer.from(jaotSecret.slice('whsec_'.length), 'base64').toString('latin1')],
  ])('its secret is used as text: a key %s does not match', async (_, secret) => {
    const event = sampleEvent('jaot', 'execution.completed', { at: testTime })
    const { deliver, handled } = feed()
    expect(await deliver(signDelivery({ provider: 'jaot', secret, event }))).toEqual(invalidSignature)
    expect(handled).toEqual([])
  })
})
