import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApiError } from './api-error.ts'
import type { Fields } from './read-fields.ts'

/** A request, as a route sees it. */
export interface Exchange {
  /** The parts of the path in place of the route's braces, in order. */
  readonly parameters: readonly string[]
  readonly query: URLSearchParams
  /** The JSON body. An empty object where there is none. */
  readonly fields: Fields
  /** @throws {ApiError} 401 without `Authorization: Bearer …`. */
  bearer(): string
  /** @throws {ApiError} 401 without a bearer that is an API key. */
  apiKey(): string
}

/** The answer of a route. If the body is undefined, it is empty. */
export interface ApiReply {
  status: number
  body?: unknown
  headers?: Readonly<Record<string, string>> | undefined
}

const maxBodyBytes = 1024 * 1024

/** @throws {ApiError} for a body that is not a JSON object, or too large. */
export async function readFields(request: IncomingMessage): Promise<Fields> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBodyBytes) throw new ApiError(413, 'the body is too large')
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (text === '') return {}
  const parsed = parseJson(text)
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Fields
  throw new ApiError(400, 'the body must be a JSON object')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError(400, 'the body is not JSON')
  }
}

export function readBearer({ headers }: IncomingMessage): string {
  const [, key] = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '') ?? []
  if (key === undefined) throw new ApiError(401, 'Authorization: Bearer … is required')
  return key
}

export function writeReply(response: ServerResponse, { status, body, headers }: ApiReply): void {
  if (body === undefined) {
    response.writeHead(status, headers).end()
    return
  }
  const text = jsonOf(body) // may throw, and then nothing is written yet
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(text)
}

/** TypeScript does not know it yet. Node does, from 22 on. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): object }

/** An event may have integers of any size. */
function jsonOf(body: unknown): string {
  return JSON.stringify(body, (_, value) => (typeof value === 'bigint' ? rawJSON(String(value)) : value))
}

/** Announces the whole body, sends half of it, and closes the connection. */
export function cutOff(response: ServerResponse, { status, body, headers }: ApiReply): void {
  const text = jsonOf(body ?? {})
  const announced = {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  }
  response.writeHead(status, announced)
  response.write(text.slice(0, text.length / 2), () => response.destroy())
}

/** The reply to an error: `detail`, as JAOT's framework writes it, and `error` for people. Any error other than an `ApiError` is a bug of the emulator: 500. */
export function errorReply(error: unknown): ApiReply {
  if (!(error instanceof ApiError)) return { status: 500, body: { error: { message: String(error) } } }
  const { status, message, more } = error
  const { field, headers, detail = message } = more
  if (status === 307) return { status, headers }
  return { status, headers, body: { detail, error: { message, ...(field !== undefined && { field }) } } }
}
