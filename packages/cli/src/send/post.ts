import type { Attempt } from '@hookport/sender'
import type { SignedRequest } from '@hookport/testing'

/** The part of a reply that is kept and shown, in bytes. */
const mostOfReply = 16 * 1024

/** Posts a request once. Never rejects: an error is in the attempt. */
export async function post(
  url: URL,
  { headers, body }: Pick<SignedRequest, 'headers' | 'body'>,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<Attempt> {
  const at = Date.now()
  const startedAt = performance.now()
  const durationMs = () => performance.now() - startedAt
  try {
    const response = await fetch(withoutPassword(url), {
      method: 'POST',
      headers: { ...authorizationOf(url), ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    const responseBody = await beginningOf(response)
    const isRedirect = response.status >= 300 && response.status < 400
    const error = isRedirect
      ? `a redirect to ${response.headers.get('location')}, which is not followed`
      : null
    return { at, status: response.status, error, durationMs: durationMs(), responseBody }
  } catch (error) {
    return { at, status: null, error: reasonOf(error, timeoutMs), durationMs: durationMs() }
  }
}

/** Reads the reply to its end, and keeps its beginning: it may never end. */
async function beginningOf({ body }: Response): Promise<string> {
  const kept: Uint8Array[] = []
  let room = mostOfReply
  for await (const chunk of body ?? []) {
    if (room > 0) kept.push(chunk.slice(0, room))
    room -= chunk.length
  }
  return Buffer.concat(kept).toString()
}

/** `fetch` does not take a URL with credentials, which are those of basic authentication. */
function authorizationOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
}

/** A URL as it may be shown. */
export function withoutPassword(url: string | URL): string {
  const shown = new URL(url)
  if (shown.username === '' && shown.password === '') return String(url)
  shown.username = ''
  shown.password = ''
  return String(shown)
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if ((error as Error).name === 'TimeoutError') return `timed out after ${timeoutMs} ms`
  const { cause } = error as { cause?: NodeJS.ErrnoException }
  return cause?.code ?? cause?.message ?? (error as Error).message
}

/** Whether a sender counts a reply as success. */
export function isSuccess({ status, error }: Attempt): boolean {
  return error === null && status !== null && status >= 200 && status < 300
}
