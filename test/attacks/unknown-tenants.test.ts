import { generateKeyPairSync, type KeyPairKeyObjectResult, sign } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { type Delivery, defineProvider } from '@hookport/core'
import { sematryx } from '@hookport/providers/sematryx'
import { expect, test } from 'vitest'
import { hmac, maxBodyBytes, secrets } from './support/forge.ts'
import { Seen, watchedReceiver } from './support/watched-receiver.ts'

const samples = 60

const content = Buffer.alloc(maxBodyBytes, 'a')

/** Of `acme` alone. */
const pick =
  (secret: string) =>
  ({ url }: Pick<Delivery, 'url'>) =>
    url === '/acme' ? { tenant: 'acme', secret } : undefined

/** A sender that signs with a private key, and a forgery. */
function signing(algorithm: 'ed25519' | 'ecdsa-p256', { publicKey }: KeyPairKeyObjectResult, forged: Buffer) {
  const secret = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  const header = 'x-signature'
  const provider = defineProvider({
    name: 'signing',
    algorithm,
    secret: pick(secret),
    retryHorizon: 0,
    events: {},
    signatureHeaders: [header],
    readSignature: (headers) => ({ digests: [Buffer.from(headers.get(header) ?? '', 'base64')] }),
    readEnvelope: () => ({ id: 'a', type: 'a', createdAt: new Date() }),
  })
  return { provider, headers: { [header]: forged.toString('base64') } }
}

const ed25519 = generateKeyPairSync('ed25519')
const ecdsa = generateKeyPairSync('ec', { namedCurve: 'P-256' })

test.each([
  {
    algorithm: 'an HMAC',
    provider: sematryx({ secret: pick(secrets.sematryx) }),
    headers: { 'x-sematryx-signature': hmac(content, 'a guess') },
  },
  {
    algorithm: 'Ed25519',
    ...signing('ed25519', ed25519, sign(null, Buffer.from('another'), ed25519.privateKey)),
  },
  {
    algorithm: 'ECDSA',
    ...signing('ecdsa-p256', ecdsa, sign('sha256', Buffer.from('another'), ecdsa.privateKey)),
  },
])('A652: by how long a forgery of $algorithm takes, nobody learns which tenants exist', async (sender) => {
  const { provider } = sender
  const seen = new Seen()
  const receiver = watchedReceiver(provider, seen, {})
  const headers = new Headers(sender.headers)
  const durations: Record<string, number[]> = { '/acme': [], '/nobody': [] }
  for (let sample = 0; sample < samples; sample++)
    for (const [url, ofUrl] of Object.entries(durations)) {
      const startedAt = performance.now()
      const reply = await receiver.receive({ method: 'POST', url, headers, readBody: () => content })
      ofUrl.push(performance.now() - startedAt)
      expect(reply).toMatchObject({ status: 401, body: '{"error":"invalid_signature"}' })
    }
  const [known, unknown] = Object.values(durations).map(quickest) as [number, number]
  expect(unknown).toBeGreaterThan(known / 2) // it was a thirtieth
  expect(unknown).toBeLessThan(known * 2)
  await receiver.stop()
})

/** The fifth of them: a machine that others use makes some of them slower, but none quicker. */
function quickest(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[4] ?? 0
}
