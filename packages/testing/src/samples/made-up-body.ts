import type { Provider } from '@hookport/core'
import { CannotSign } from '../request/cannot-sign.ts'
import { contentTypes, writeBody } from '../request/write-body.ts'
import type { Draft } from './draft.ts'
import { laidOver } from './laid-over.ts'
import { readSamples } from './read-samples.ts'
import { headersOfType, samplerOf } from './samples.ts'

interface MadeUpBody {
  readonly body: Uint8Array
  readonly contentType: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * A body that a definition reads as the wanted event. It is a sample if the provider is built in. Otherwise it has the fields that the definition
 * asks for.
 *
 * @param isIdWanted whether the id was given, so that the definition must read exactly that id.
 * @throws {CannotSign} if there is none.
 */
export function madeUpBody(
  provider: Provider,
  draft: Draft & { readonly data: unknown },
  isIdWanted: boolean,
): MadeUpBody {
  const known = samplerOf(provider.name)?.sample(draft)
  const headers = headersOfType(provider, draft)
  const complaints: string[] = []
  for (const sample of known ? [known, ...readSamples(provider, draft)] : readSamples(provider, draft)) {
    const payload = sample.envelope(laidOver(sample.data, draft.data))
    for (const form of sample.form ? [sample.form] : (['json', 'form'] as const)) {
      const body = writeBody(payload, form)
      const complaint = whyNot(provider, body, draft, headers, isIdWanted)
      if (complaint === undefined) return { body, contentType: contentTypes[form], headers }
      complaints.push(complaint)
    }
  }
  throw new CannotSign(
    `no body could be made up that ${provider.name} reads as ${draft.type}${isIdWanted ? ` with the id ${draft.id}` : ''} (${complaints[0]}); pass the whole body as payload`,
  )
}

/** Why a body is not the wanted event. */
function whyNot(
  provider: Provider,
  body: Uint8Array,
  { type, id }: Draft,
  headers: MadeUpBody['headers'],
  isIdWanted: boolean,
): string | undefined {
  const named = new Map(Object.entries(headers))
  // Signed headers that can have an id get it.
  const get = (name: string) =>
    named.get(name) ?? (/signature|time/.test(name) ? 'x' : /id$/.test(name) ? id : undefined)
  try {
    const read = provider.readEnvelope(provider.readPayload(body), { get })
    if (read.type !== type) return `it read the type ${read.type}`
    if (isIdWanted && read.id !== id)
      return read.id === undefined ? 'it reads no ids' : `it read the id ${read.id}`
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
