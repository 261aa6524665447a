import { assertOptions, type Clock, completeClock, decodeJson, type RateLimit } from '@hookport/core'
import { readAnswer, writeBody } from './bodies.ts'
import { checkedKey, checkedUrl } from './check-call.ts'
import { codeOfStatus, ManagementError } from './error.ts'
import { askedWaitMs, pause, rateLimitOf, waitInBody } from './rate-limit.ts'

/** Options of a call to a management API, however it is authorized. */
export interface CallOptions {
  /** The URL of the API. Defaults to the provider's own. Set an emulator's in tests. Plain http is refused but to this machine and private networks. */
  baseUrl?: string | URL | undefined
  /**
   * Ends the request, and the wait for a rate limit: the call rejects with the signal's reason. There is no other timeout: pass
   * `AbortSignal.timeout(10_000)` for one.
   */
  signal?: AbortSignal | undefined
  /**
   * How long a call may wait in total, where the API answers 429 and says how long; and before each further page, where the rate limit is used up.
   * Defaults to 60 s; 0 never waits.
   */
  maxWaitMs?: number | undefined
  /** Called with every answer that says how much of the rate limit is left. */
  onRateLimit?: ((rate: RateLimit) => void) | undefined
  /** For tests. */
  clock?: Clock | undefined
}

/** Options of every call to a management API. */
export interface ManagementOptions extends CallOptions {
  /** Sent as `Authorization: Bearer …`. The type allows undefined, so that `process.env.X` can be passed. Undefined throws. */
  apiKey: string | undefined
}

const known: Readonly<Record<keyof ManagementOptions, true>> = {
  apiKey: true,
  baseUrl: true,
  signal: true,
  maxWaitMs: true,
  onRateLimit: true,
  clock: true,
}

/**
 * Checks the names of the options that calls are bound to. The key is checked by each call: a build may have none.
 *
 * @throws {ConfigurationError} where there are no options, or for an unknown one.
 */
export function checkApiOptions(call: string, options: unknown): void {
  assertOptions(options, known, call, '')
}

export interface ManagementRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Path and query, exactly as in the API: a redirect is not followed. */
  path: string
  body?: object | undefined
  /** A secret in the body. An API may repeat the body that it refuses. */
  secret?: string | null | undefined
}

/** A parsed object that a management API returned. */
export type ManagementAnswer = Readonly<Record<string, unknown>>

export interface Answered {
  /** Undefined where the answer is empty. */
  readonly answer: unknown
  /** How long to wait before the next request, in milliseconds, as the rate limit is used up. */
  readonly waitMs: number
}

/** The default of `maxWaitMs`. */
export const usualMaxWaitMs = 60_000

/** The shortest wait. An answer may say that there is no need to wait, by a clock that differs from ours. */
const shortestPauseMs = 1_000

/** What is shorter is no key of a real API, and may be in any text. */
const shortestKey = 8

/**
 * Makes a request. A 429 that says how long to wait was not carried out, so it is repeated after that time. Nothing else is repeated: the caller
 * decides that.
 *
 * @throws {ConfigurationError} for a missing key, or one that a header can't hold; for a missing URL; for a body that JSON can't represent.
 * @throws {ManagementError} for anything but a 2xx with JSON, or without a body.
 */
export async function callManagement(
  options: ManagementOptions & { readonly baseUrl: string | URL },
  request: ManagementRequest,
): Promise<Answered> {
  const { signal, maxWaitMs = usualMaxWaitMs } = options
  const apiKey = checkedKey('apiKey', options.apiKey)
  const baseUrl = checkedUrl(options.baseUrl)
  const clock = completeClock(options.clock)
  const body = request.body && writeBody(request.body)
  for (let waitedMs = 0; ; ) {
    const { response, bytes } = await ask(baseUrl, apiKey, { ...request, body }, signal)
    const rate = rateLimitOf(response, clock.now())
    if (rate) options.onRateLimit?.(rate)
    const waitMs =
      askedWaitMs(response, clock.now()) ?? (response.status === 429 ? waitInBody(parsed(bytes)) : undefined)
    if (response.ok) return { answer: parseAnswer(request, response, bytes), waitMs: waitMs ?? 0 }
    const pauseMs = waitMs === undefined ? undefined : Math.max(shortestPauseMs, waitMs)
    if (response.status !== 429 || pauseMs === undefined || !(waitedMs + pauseMs <= maxWaitMs))
      throw refused(request, response, bytes, { apiKey, retryAfterMs: waitMs })
    await pause(pauseMs, clock, signal)
    waitedMs += pauseMs
  }
}

async function ask(
  baseUrl: string,
  apiKey: string,
  { method, path, body }: Pick<ManagementRequest, 'method' | 'path'> & { body: string | undefined },
  signal: AbortSignal | undefined,
): Promise<{ response: Response; bytes: Uint8Array }> {
  const url = baseUrl + path
  let bytes: Uint8Array | undefined
  let response: Response
  try {
    response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, ...(body && { 'content-type': 'application/json' }) },
      redirect: 'manual', // the key must not be sent to another address
      ...(body && { body }),
      ...(signal && { signal }),
    })
    bytes = await readAnswer(response)
  } catch (cause) {
    if (signal?.aborted) throw cause
    const reason = `${asked({ method, path })}: no answer from ${new URL(url).host}`
    throw new ManagementError('unavailable', reason, { cause })
  }
  if (bytes) return { response, bytes }
  const { status } = response
  throw new ManagementError('unexpected', `${asked({ method, path })}: the answer is too long`, { status })
}

function refused(
  request: ManagementRequest,
  { status, headers }: Response,
  bytes: Uint8Array,
  { apiKey, retryAfterMs }: { readonly apiKey: string; readonly retryAfterMs: number | undefined },
): ManagementError {
  const elsewhere = headers.get('location')
  const secrets = [apiKey, request.secret ?? '']
  const body = withoutSecrets(new TextDecoder().decode(bytes), secrets)
  const text =
    status < 400 && elsewhere !== null
      ? `to ${withoutSecrets(elsewhere, secrets).slice(0, 500)}, which is not followed, as the key is only for the API; is baseUrl right?`
      : body.slice(0, 500)
  return new ManagementError(codeOfStatus(status), `${asked(request)}: ${status} ${text}`, {
    status,
    answer: parsed(new TextEncoder().encode(body)),
    retryAfterMs,
  })
}

/** An API may repeat the key that it refuses, in its answer or in an address, and the whole body of the request. Errors are logged. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= shortestKey)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .reduce((rest, written) => rest.replaceAll(written, '…'), text)
}

function parseAnswer(request: ManagementRequest, { status }: Response, bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined
  const answer = parsed(bytes)
  if (answer !== undefined) return answer
  throw new ManagementError('unexpected', `${asked(request)}: the answer is not JSON`, { status })
}

/** Both APIs are written in Python: their numbers may be NaN. */
function parsed(bytes: Uint8Array): unknown {
  try {
    return decodeJson(bytes)
  } catch {
    return undefined
  }
}

/** Without the query, which may be long. */
function asked({ method, path }: ManagementRequest): string {
  return `${method} ${path.split('?')[0]}`
}
