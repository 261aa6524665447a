import type { Provider } from '@hookport/core'
import { testBenchOf } from '@hookport/core/testing'
import type { EventToDeliver } from '../event-to-deliver.ts'
import type { Draft } from '../samples/draft.ts'
import { madeUpBody } from '../samples/made-up-body.ts'
import { nextId } from '../samples/next-id.ts'
import { headersOfType } from '../samples/samples.ts'
import { CannotSign } from './cannot-sign.ts'
import { checkEvent, checkedSigning } from './check-event.ts'
import { signHeaders } from './sign-headers.ts'
import { contentTypes, formOf, writeBody } from './write-body.ts'

/** A delivery, for `fetch`, supertest or a framework's own `inject`. */
export interface SignedRequest {
  readonly method: 'POST'
  /** Path and query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer>
}

/**
 * Signs an event as its sender would, for a receiver, what a framework mounts of one, or a definition. Sends nothing.
 *
 * @throws {ConfigurationError} if the event has no type, or an unknown field. The message names it.
 * @throws {CannotSign} if no delivery could be made up. The message says what to give.
 */
export async function signedRequest(
  signedFor: object,
  event: EventToDeliver<string, never> | EventToDeliver,
): Promise<SignedRequest> {
  const { provider, now } = benchOf(signedFor)
  checkEvent(event)
  const { id, at, url = `/webhooks/${provider.name}`, payload, headers = {} } = event
  const draft = {
    type: event.type,
    id: id ?? nextId(),
    at: at === undefined ? now : Number(at),
    data: event.data,
  }
  const made =
    payload === undefined
      ? madeUpBody(provider, draft, id !== undefined)
      : givenBody(provider, draft, writeBody(payload, 'json'))
  const signed = await signature(provider, event, made.body, { id: draft.id, now, url })
  return {
    method: 'POST',
    url,
    headers: { 'content-type': made.contentType, ...made.headers, ...signed, ...lowerCase(headers) },
    body: made.body as Uint8Array<ArrayBuffer>,
  }
}

function givenBody(provider: Provider, draft: Draft, body: Uint8Array) {
  return { body, headers: headersOfType(provider, draft), contentType: contentTypes[formOf(body)] }
}

async function signature(
  provider: Provider,
  event: EventToDeliver<string, never> | EventToDeliver,
  body: Uint8Array,
  { id, now, url }: { id: string; now: number; url: string },
): Promise<Readonly<Record<string, string>>> {
  const { signature = 'right', sign, headers = {}, secretIndex = 0, privateKey } = event
  if (signature === 'missing') return {}
  const signed = signature === 'right' ? body : new Uint8Array([...body, 0x20])
  if (sign) return lowerCase(checkedSigning(sign(signed)))
  return signHeaders({
    provider,
    url,
    body: signed,
    id,
    at: now,
    headers: lowerCase(headers),
    secretIndex,
    privateKey,
  })
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function benchOf(given: object | null | undefined): { readonly provider: Provider; readonly now: number } {
  const signedFor = Object(given)
  const bench = testBenchOf(signedFor)
  if (bench) return { provider: bench.provider, now: bench.clock.now() }
  if ('readSignature' in signedFor) return { provider: signedFor as Provider, now: Date.now() }
  throw new CannotSign(
    'it is not a receiver: pass what createReceiver or a …Webhooks function has made, or a provider; from a Fastify application, pass app.sematryxWebhooks',
  )
}
