import { eventTypes } from '../../wire/event-types.ts'
import type { EmulatorState } from '../emulator-state.ts'
import { ApiError } from '../http/api-error.ts'
import type { Exchange } from '../http/http-exchange.ts'
import { eventTypeList, optional, optionalSecret, requiredText, webhookUrl } from '../http/read-fields.ts'
import type { Route } from '../http/route-table.ts'
import type { SematryxWebhook } from '../registrations.ts'

/** The API of Sematryx, as far as it is documented: registration, and the optimizations that events were about. */
export function sematryxRoutes(state: EmulatorState): Route[] {
  const { registrations, optimizations, sematryxList, newId } = state
  const find = ({ parameters: [id = ''] }: Exchange) => {
    const found = optimizations.get(id)
    if (found === undefined) throw new ApiError(404, `no optimization ${id}`)
    return { status: 200, body: found }
  }
  const routes: Route[] = [
    {
      at: 'POST /v1/webhooks',
      answer({ apiKey, fields }) {
        const webhook: SematryxWebhook = {
          provider: 'sematryx',
          owner: apiKey(),
          url: webhookUrl(requiredText(fields, 'url'), 'url'),
          events: eventTypeList(fields, 'events', eventTypes.sematryx),
          secret: optionalSecret(fields, 'secret'),
          active: optional(fields, 'active', 'boolean') ?? true,
          id: newId('wh'),
        }
        registrations.add(webhook)
        const { id, url, events, active } = webhook
        return { status: 201, body: { id, url, events, active } }
      },
    },
    {
      at: 'GET /v1/optimize',
      answer({ query }) {
        const limit = Number(query.get('limit') ?? 20)
        const offset = Number(query.get('offset') ?? 0)
        return { status: 200, body: optimizations.list(sematryxList, limit, offset) }
      },
    },
    { at: 'GET /v1/optimize/{id}', answer: find },
    { at: 'GET /v1/optimize/result/{id}', answer: find },
  ]
  return routes.map((route) => limited(state, route))
}

/** Every call needs an API key, and counts toward the rate limit. */
function limited({ rateLimit, clock }: EmulatorState, route: Route): Route {
  return {
    at: route.at,
    answer(exchange) {
      const headers = rateLimit.count(exchange.apiKey(), clock.now())
      return { ...route.answer(exchange), headers }
    },
  }
}
