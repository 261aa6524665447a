import { readdirSync, readFileSync } from 'node:fs'
import type { ProviderName, SignedDelivery, WireChoice } from '../src/index.ts'

/** A delivery signed by an independent signer, in Python. */
export interface Sample {
  name: string
  provider: ProviderName
  secret: string
  headers: Record<string, string>
  body: string
  expect: { type: string }
}

const folder = new URL('../../../test/samples/', import.meta.url)

export const samples: Sample[] = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => ({
    ...JSON.parse(readFileSync(new URL(file, folder), 'utf8')),
    name: file.replace('.json', ''),
  }))

/** What a sample's body says: JSON, and the numbers that only Python writes. */
export function parsedBody({ body }: Sample): { data: object } & Record<string, unknown> {
  const marked = body.replace(/(?<=[[:,]\s*)(NaN|-?Infinity)/g, '"python $1"')
  return JSON.parse(marked, (_, value) =>
    typeof value === 'string' && value.startsWith('python ') ? Number(value.slice(7)) : value,
  )
}

/** The form a sample is written in, as its file name says. */
export function wireOf({ name, provider }: Sample): WireChoice {
  if (provider === 'jaot') return { provider, form: name.includes('documented') ? 'documented' : 'real' }
  if (name.endsWith('-spaced')) return { provider, form: 'spaced' }
  if (name.endsWith('-indented')) return { provider, form: 'indented' }
  if (name.endsWith('-unicode')) return { provider, form: 'unicode' }
  return { provider, form: 'compact' }
}

export function lowerCaseHeaders({ headers }: SignedDelivery): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
