import { readdirSync, readFileSync } from 'node:fs'
import type { ProviderName, SignedDelivery } from '@hookport/sender'

/** A delivery signed by an independent signer, in Python. */
export interface Sample {
  file: string
  provider: ProviderName
  secret: string
  signatureHeader: string
  expected: { id: string; type: string }
  delivery: SignedDelivery
}

const folder = new URL('../../../../test/samples/', import.meta.url)

export const samples: Sample[] = readdirSync(folder).map((file) => {
  const { provider, secret, headers, body, expect } = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
  return {
    file,
    provider,
    secret,
    signatureHeader: `x-${provider}-signature`,
    expected: { id: expect.id, type: expect.type },
    delivery: { method: 'POST', headers, body: Buffer.from(body, 'utf8') },
  }
})
