import { ConfigurationError } from '../contracts/errors.ts'

/** @throws {ConfigurationError} where there is no response of Node, as whoever called has another kind of request. */
export function assertOfNode(response: unknown): void {
  if (typeof (response as { setHeader?: unknown } | undefined)?.setHeader === 'function') return
  throw new ConfigurationError(
    'the webhook was called with something else than a request and a response of Node: for a Request of the Web there is webWebhooks, and for Koa @hookport/koa',
  )
}
