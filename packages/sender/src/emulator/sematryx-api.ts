import { eventTypes } from '../wire/event-types.ts'
import type { EmulatorState } from './emulator-state.ts'
import { eventTypeList, optional, optionalSecret, requiredText, webhookUrl } from './http/read-fields.ts'
import type { Route } from './http/route-table.ts'
import type { SematryxWebhook } from './registrations.ts'

/** The management API of Sematryx, as far as it is documented: registration. */
export function sematryxRoutes({ registrations, newId }: EmulatorState): Route[] {
  return [
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
  ]
}
