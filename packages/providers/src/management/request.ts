import { ConfigurationError } from '@hookport/core'
import { codeOfStatus, ManagementError } from './error.ts'

/** What every call to a management API takes. */
export interface ManagementOptions {
  /** Sent as `Authorization: Bearer …`. Undefined is typed as allowed, so that `process.env.X` can be passed; it is an error. */
  apiKey: string | undefined
  /** Where the API is. Defaults to the provider's own; an emulator's in tests. */
  baseUrl?: string | URL | undefined
  /** Ends the request. There is no timeout of its own: `AbortSignal.timeout(10_000)` is one. */
  signal?: AbortSignal | undefined
}

export interface ManagementRequest {
  method: 'POST' | 'PATCH' | 'DELETE'
  path: string
  body?: object | undefined
}

/** The parsed answer of a management API. */
export type ManagementAnswer = Readonly<Record<string, unknown>>

/**
 * Makes one request, once: whether to repeat it is the caller's to decide.
 *
 * @throws {ConfigurationError} for a missing API key.
 * @throws {ManagementError} for anything but a 2xx with a JSON object, or without a body.
 */
export async function requestManagement(
  { apiKey, baseUrl, signal }: ManagementOptions & { baseUrl: string | URL },
  { method, path, body }: ManagementRequest,
): Promise<ManagementAnswer> {
  if (!apiKey) {
    throw new ConfigurationError('apiKey is missing; is the environment variable that should hold it set?')
  }
  const asked = `${method} ${path}`
  const url = String(baseUrl).replace(/\/$/, '') + path
  const response = await ask(asked, url, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, ...(body && { 'content-type': 'application/json' }) },
    redirect: 'error', // an API key does not follow a redirect
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  })
  const { status } = response
  if (response.ok) return parseAnswer(asked, status, response.text)
  throw new ManagementError(codeOfStatus(status), `${asked}: ${status} ${response.text.slice(0, 500)}`, {
    status,
  })
}

interface Answered {
  ok: boolean
  status: number
  text: string
}

async function ask(asked: string, url: string, init: RequestInit): Promise<Answered> {
  try {
    const response = await fetch(url, init)
    return { ok: response.ok, status: response.status, text: await response.text() }
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw new ManagementError('unavailable', `${asked}: no answer from ${new URL(url).host}`, { cause })
  }
}

function parseAnswer(asked: string, status: number, text: string): ManagementAnswer {
  if (text === '') return {}
  const parsed = parsedJson(text)
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
    return parsed as ManagementAnswer
  throw new ManagementError('unexpected', `${asked}: the answer is not a JSON object`, { status })
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** @throws {ManagementError} `unexpected`, where the answer has no such text. */
export function answeredText(answer: ManagementAnswer, field: string): string {
  const value = answer[field]
  if (typeof value === 'string' && value !== '') return value
  throw new ManagementError('unexpected', `the answer has no ${field}`)
}
