import type { DrainRouteOptions } from '@hookport/core'

/** Whether `next build` evaluates this module. */
export function isBuilding(): boolean {
  return process.env.NEXT_PHASE === 'phase-production-build'
}

interface Draining<Handler> {
  drain(options: DrainRouteOptions): Handler
}

/** While `next build` evaluates a route, where there are mostly no secrets, that of a drain is looked at with the first request. */
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
