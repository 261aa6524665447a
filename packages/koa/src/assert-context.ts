import { ConfigurationError } from '@hookport/core'
import type { Context } from 'koa'

/** @throws {ConfigurationError} for what is no context of Koa. */
export function assertContext(given: Partial<Context> | undefined): void {
  if (given?.req && given.request) return
  throw new ConfigurationError(
    'the webhook was called with something that is no context of Koa: mount it with app.use(webhooks); for Express there is @hookport/express, for node:http nodeWebhooks, and for a Request of the Web webWebhooks',
  )
}
