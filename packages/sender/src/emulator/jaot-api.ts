import type { EmulatorState } from './emulator-state.ts'
import { ApiError } from './http/api-error.ts'
import type { Exchange } from './http/http-exchange.ts'
import { type Fields, optional, optionalSecret, requiredText, webhookUrl } from './http/read-fields.ts'
import type { Route } from './http/route-table.ts'
import { jaotRunEvent } from './jaot-run-event.ts'
import type { JaotTrigger } from './registrations.ts'

/** The management API of JAOT: triggers, and firing them. */
export function jaotRoutes(state: EmulatorState): Route[] {
  const { registrations, dispatcher, newId } = state
  const find = ({ parameters: [id = ''], apiKey }: Exchange) => registrations.trigger(id, apiKey())
  return [
    {
      at: 'POST /api/v2/triggers',
      answer({ apiKey, fields }) {
        const trigger: JaotTrigger = {
          provider: 'jaot',
          owner: apiKey(),
          name: requiredText(fields, 'name'),
          documentId: requiredText(fields, 'document_id'),
          versionId: requiredText(fields, 'version_id'),
          url: optionalUrl(fields),
          secret: optionalSecret(fields, 'webhook_secret'),
          id: newId('trg'),
        }
        registrations.add(trigger)
        return { status: 201, body: described(trigger) }
      },
    },
    {
      at: 'PATCH /api/v2/triggers/{id}',
      answer(exchange) {
        const trigger = find(exchange)
        const { fields } = exchange
        const url = 'webhook_url' in fields ? optionalUrl(fields) : trigger.url
        const secret = 'webhook_secret' in fields ? optionalSecret(fields, 'webhook_secret') : trigger.secret
        if (url === null) dispatcher.cancel(trigger.id)
        Object.assign(trigger, { url, secret })
        return { status: 200, body: described(trigger) }
      },
    },
    {
      at: 'DELETE /api/v2/triggers/{id}',
      answer(exchange) {
        const { id } = find(exchange)
        registrations.remove(id)
        dispatcher.cancel(id)
        return { status: 204 }
      },
    },
    {
      at: 'POST /api/v2/triggers/{id}/fire',
      answer(exchange) {
        const trigger = find(exchange)
        const outcome = exchange.query.get('outcome') ?? 'completed'
        if (outcome !== 'completed' && outcome !== 'failed')
          throw new ApiError(422, 'outcome must be completed or failed', 'outcome')
        const { type, runId, event } = jaotRunEvent(state, trigger, outcome, exchange.fields.override_data)
        dispatcher.dispatch(trigger, type, event)
        return { status: 202, body: { trigger_id: trigger.id, run_id: runId, status: 'queued' } }
      },
    },
  ]
}

function optionalUrl(fields: Fields): string | null {
  const url = optional(fields, 'webhook_url', 'string')
  return url === undefined ? null : webhookUrl(url, 'webhook_url')
}

/** The secret is not shown again. */
function described({ id, name, documentId, versionId, url }: JaotTrigger): object {
  return { id, name, document_id: documentId, version_id: versionId, webhook_url: url }
}
