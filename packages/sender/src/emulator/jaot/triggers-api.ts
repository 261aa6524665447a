import type { EmulatorState } from '../emulator-state.ts'
import { ApiError } from '../http/api-error.ts'
import type { Exchange } from '../http/http-exchange.ts'
import { type Fields, optional, optionalSecret, requiredText, webhookUrl } from '../http/read-fields.ts'
import type { Route } from '../http/route-table.ts'
import type { JaotTrigger } from '../registrations.ts'
import type { OverrideField } from './fire-trigger.ts'

/** Finds the trigger that a request names, for the owner of its API key. */
export function triggerOf({ registrations }: EmulatorState, { parameters, apiKey }: Exchange): JaotTrigger {
  return registrations.trigger(parameters[0] ?? '', apiKey())
}

/** JAOT's triggers: create, list, change, toggle, delete. The collection's path ends with a slash. */
export function triggerRoutes(state: EmulatorState): Route[] {
  const { registrations, dispatcher, clock, newId } = state
  return [
    {
      at: 'POST /api/v2/triggers/',
      answer({ apiKey, fields }) {
        const owner = apiKey()
        const [other] = registrations.triggersOf(owner)
        const trigger: JaotTrigger = {
          provider: 'jaot',
          owner,
          name: requiredText(fields, 'name'),
          ...changeable(fields),
          model: modelOf(fields),
          url: urlOf(fields),
          secret: optionalSecret(fields, 'webhook_secret'),
          id: newId('trg'),
          triggerSecret: newId('tsec'),
          organization: other?.organization ?? newId('org'),
          enabled: true,
          createdAt: new Date(clock.now()).toISOString(),
          runs: [],
          firedAt: [],
        }
        registrations.add(trigger)
        return { status: 201, body: { ...described(trigger), trigger_secret: trigger.triggerSecret } }
      },
    },
    {
      at: 'GET /api/v2/triggers/',
      answer({ apiKey, query }) {
        const documentId = query.get('document_id')
        const own = registrations
          .triggersOf(apiKey())
          .filter(({ model }) => documentId === null || model.document_id === documentId)
        return { status: 200, body: own.reverse().map(described) }
      },
    },
    {
      at: 'GET /api/v2/triggers/{id}',
      answer: (exchange) => ({ status: 200, body: described(triggerOf(state, exchange)) }),
    },
    {
      at: 'PATCH /api/v2/triggers/{id}',
      answer(exchange) {
        const trigger = triggerOf(state, exchange)
        const { fields } = exchange
        if (fields.webhook_url === null)
          throw new ApiError(500, 'Internal Server Error: the column webhook_url is NOT NULL')
        Object.assign(trigger, {
          ...changeable({
            description: trigger.description,
            override_schema: trigger.overrideSchema,
            ...fields,
          }),
          name: 'name' in fields ? requiredText(fields, 'name') : trigger.name,
          url: 'webhook_url' in fields ? urlOf(fields) : trigger.url,
          secret: 'webhook_secret' in fields ? optionalSecret(fields, 'webhook_secret') : trigger.secret,
        })
        return { status: 200, body: described(trigger) }
      },
    },
    {
      at: 'DELETE /api/v2/triggers/{id}',
      answer(exchange) {
        const { id } = triggerOf(state, exchange)
        registrations.remove(id)
        dispatcher.cancel(id)
        return { status: 204 }
      },
    },
    {
      at: 'POST /api/v2/triggers/{id}/toggle',
      answer(exchange) {
        const trigger = triggerOf(state, exchange)
        const enabled = optional(exchange.fields, 'enabled', 'boolean')
        if (enabled === undefined) throw new ApiError(422, 'enabled is required', { field: 'enabled' })
        trigger.enabled = enabled
        if (!enabled) dispatcher.cancel(trigger.id)
        return { status: 200, body: described(trigger) }
      },
    },
  ]
}

/** Private addresses. Loopback addresses are allowed for tests. */
const privateHost =
  /^(?:0|10|169\.254|172\.(?:1[6-9]|2\d|3[01])|192\.168)(?:\.\d+)+$|^\[(?:::\]|f[cd]|fe[89ab])|\.(?:internal|local)$/

/** JAOT refuses a private URL. It also checks whether a URL can be delivered to, which the emulator does not. */
function urlOf(fields: Fields): string {
  const url = webhookUrl(requiredText(fields, 'webhook_url'), 'webhook_url')
  if (privateHost.test(new URL(url).hostname))
    throw new ApiError(422, 'webhook_url is private', { field: 'webhook_url' })
  return url
}

function changeable(fields: Fields): Pick<JaotTrigger, 'description' | 'overrideSchema'> {
  return {
    description: optional(fields, 'description', 'string') ?? null,
    overrideSchema: isListOfFields(fields.override_schema)
      ? fields.override_schema
      : (optional(fields, 'override_schema', 'object') ?? null),
  }
}

/** JAOT's own form: the fields that a fire may override. */
function isListOfFields(value: unknown): value is OverrideField[] {
  return Array.isArray(value) && value.length > 0 && value.every((field) => typeof field?.name === 'string')
}

const models = [
  ['document_id', 'version_id'],
  ['model_project_id', 'model_project_version_id'],
] as const

/** Exactly one of the pairs must be given. */
function modelOf(fields: Fields): JaotTrigger['model'] {
  const [given, ...more] = models.filter((pair) =>
    pair.some((name) => (fields[name] ?? undefined) !== undefined),
  )
  if (given === undefined || more.length > 0) {
    const wanted = models.map((pair) => pair.join(' + ')).join(' or ')
    throw new ApiError(422, `exactly one of ${wanted} is required`, { field: models[0][0] })
  }
  return Object.fromEntries(given.map((name) => [name, requiredText(fields, name)]))
}

/** Its secrets are not shown again. */
function described(trigger: JaotTrigger): object {
  const { id, name, description, model, url, overrideSchema, enabled, createdAt } = trigger
  return {
    id,
    name,
    description,
    ...model,
    webhook_url: url,
    override_schema: overrideSchema,
    is_enabled: enabled,
    created_at: createdAt,
  }
}
