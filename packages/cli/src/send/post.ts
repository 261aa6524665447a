import type { Attempt } from '@hookport/sender'
import type { SignedRequest } from '@hookport/testing'

/** The part of a reply that is shown. */
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
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    const responseBody = (await response.text()).slice(0, mostOfReply)
    const isRedirect = response.status >= 300 && response.status < 400
    const error = isRedirect
      ? `a redirect to ${response.headers.get('location')}, which is not followed`
      : null
    return { at, status: response.status, error, durationMs: durationMs(), responseBody }
  } catch (error) {
    return { at, status: null, error: reasonOf(error, timeoutMs), durationMs: durationMs() }
  }
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
