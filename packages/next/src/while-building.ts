import type { DrainRouteOptions } from '@hookport/core'

/** Whether `next build` loads this module. */
export function isBuilding(): boolean {
  return process.env.NEXT_PHASE === 'phase-production-build'
}

interface Draining<Handler> {
  drain(options: DrainRouteOptions): Handler
}

/** While `next build` loads a route, usually without secrets, the secret of a drain is only checked at the first request. */
export function notWhileBuilding<
  Handler extends (...args: never[]) => Promise<unknown>,
  Webhooks extends Draining<Handler>,
>(webhooks: Webhooks & Draining<Handler>): Webhooks {
  if (!isBuilding()) return webhooks
  const { drain } = webhooks
  webhooks.drain = (options) =>
    (async (...request: Parameters<Handler>) => drain(options)(...request)) as Handler
  return webhooks
}
