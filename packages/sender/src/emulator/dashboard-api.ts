import type { ProviderName } from '../wire/wire-form.ts'
import type { EmulatedDelivery } from './delivery-log.ts'
import { emitEvent } from './emit-event.ts'
import type { EmulatorState } from './emulator-state.ts'
import { ApiError } from './http/api-error.ts'
import { type Fields, optional, requiredText } from './http/read-fields.ts'
import type { Route } from './http/route-table.ts'

/** What a provider's dashboard shows and does, for people and tests. It needs no API key, as the emulator is local. */
export function dashboardRoutes(state: EmulatorState): Route[] {
  const { log, registrations, dispatcher } = state
  const find = (id = ''): EmulatedDelivery => {
    const delivery = log.get(id)
    if (delivery === undefined) throw new ApiError(404, `no delivery ${id}`)
    return delivery
  }
  return [
    { at: 'GET /emulator/registrations', answer: () => ({ status: 200, body: listed(registrations.all()) }) },
    {
      at: 'GET /emulator/deliveries',
      answer({ query }) {
        const asked = (name: string) => query.get(name) ?? undefined
        const found = log.list({
          provider: asked('provider'),
          state: asked('state'),
          type: asked('type'),
          registrationId: asked('registration'),
        })
        return { status: 200, body: { deliveries: found.map(summary) } }
      },
    },
    {
      at: 'GET /emulator/deliveries/{id}',
      answer: ({ parameters: [id] }) => ({ status: 200, body: details(find(id)) }),
    },
    {
      at: 'POST /emulator/deliveries/{id}/resend',
      answer({ parameters: [id] }) {
        const delivery = find(id)
        const owner = registrations.all().find((registration) => registration.id === delivery.registrationId)
        dispatcher.resend(delivery, owner)
        return { status: 202, body: summary(delivery) }
      },
    },
    {
      at: 'POST /emulator/events',
      answer({ fields }) {
        const made = emitEvent(state, providerOf(fields), requiredText(fields, 'type'), {
          seed: optional(fields, 'seed', 'number'),
          event: optional(fields, 'event', 'object'),
          triggerId: optional(fields, 'trigger_id', 'string'),
        })
        return { status: 202, body: { deliveries: made.map(summary) } }
      },
    },
  ]
}

function summary({ request: _, ...delivery }: EmulatedDelivery): object {
  return delivery
}

function details({ request, ...delivery }: EmulatedDelivery): object {
  const { headers, body } = request
  return { ...delivery, request: { headers, body: Buffer.from(body).toString('utf8') } }
}

/** Without secrets and API keys. */
function listed(registrations: readonly object[]): object {
  const hidden = ['secret', 'triggerSecret', 'owner', 'runs', 'firedAt']
  const shown = (registration: Record<string, unknown>) => ({
    ...Object.fromEntries(Object.entries(registration).filter(([name]) => !hidden.includes(name))),
    signed: registration.secret !== null,
  })
  return { registrations: registrations.map((registration) => shown({ ...registration })) }
}

function providerOf(fields: Fields): ProviderName {
  const provider = requiredText(fields, 'provider')
  if (provider === 'sematryx' || provider === 'jaot') return provider
  throw new ApiError(422, 'provider must be sematryx or jaot', { field: 'provider' })
}
