import { performance } from 'node:perf_hooks'
import { sematryx } from '@hookport/providers/sematryx'
import { expect, test } from 'vitest'
import { hmac, maxBodyBytes, secrets } from './support/forge.ts'
import { Seen, watchedReceiver } from './support/watched-receiver.ts'

const samples = 60

test('A652: by how long a forgery takes, nobody learns which tenants exist', async () => {
  const tenants = { acme: secrets.sematryx }
  const provider = sematryx({
    secret({ url }) {
      const tenant = url.slice(1)
      const secret = Object.hasOwn(tenants, tenant) ? tenants[tenant as keyof typeof tenants] : undefined
      return secret === undefined ? undefined : { tenant, secret }
    },
  })
  const seen = new Seen()
  const receiver = watchedReceiver(provider, seen, {})
  const content = Buffer.alloc(maxBodyBytes, 'a')
  const headers = new Headers({ 'x-sematryx-signature': hmac(content, 'a guess') })
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
