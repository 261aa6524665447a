import { PermanentError, type WebhookEvent } from '@hookport/core'
import {
  createSender,
  eventTypes,
  formOf,
  type OutgoingRequest,
  type ProviderName,
  type SenderOptions,
  sampleEvent,
  signDelivery,
  wireForms,
} from '@hookport/sender'
import type { Figures } from './tally.ts'

export interface Step {
  title: string
  /** Resolves to the replies, counted by status. */
  send(): Promise<Figures>
  expected: Figures
}

type Wire = Pick<SenderOptions, 'provider' | 'form'>

const secretOf = (provider: ProviderName) =>
  (provider === 'sematryx' ? process.env.SEMATRYX_WEBHOOK_SECRET : process.env.JAOT_WEBHOOK_SECRET) as string

/** Another in every run, as an inbox that is kept remembers the ids of the last one. */
const run = Date.now()
let seed = run

/** Signs a new event as its provider would; `overrides` replace fields of its envelope. */
function newDelivery(wire: Wire, type: string, overrides: object = {}, secret = secretOf(wire.provider)) {
  seed += 1
  const event = { ...sampleEvent(wire.provider, type, { seed }), ...overrides }
  return signDelivery({ ...wire, secret, event } as Parameters<typeof signDelivery>[0])
}

const flakyId = `evt_its_handler_fails_twice_${run}`
const hopelessId = `evt_its_handler_fails_for_good_${run}`

/** A handler that gives the demo something to retry. */
export function troubleFor({ id }: WebhookEvent, { attempt }: { attempt: number }): void {
  if (id === flakyId && attempt <= 2) throw new Error('the database is away')
  if (id === hopelessId) throw new PermanentError('no such optimization')
}

/** What happens at a receiver in a minute, good and bad, and what should come of it. */
export function minuteInTheLife(origin: string): Step[] {
  const senders = {
    sematryx: createSender({
      provider: 'sematryx',
      url: `${origin}/webhooks/sematryx`,
      secret: secretOf('sematryx'),
    }),
    jaot: createSender({ provider: 'jaot', url: `${origin}/webhooks/jaot`, secret: secretOf('jaot') }),
  }

  async function statusOf(provider: ProviderName, delivery: OutgoingRequest): Promise<string> {
    const { attempts } = await senders[provider].deliver(delivery, { retry: false })
    return `sent, answered ${attempts[0]?.status ?? attempts[0]?.error}`
  }
  async function inSequence(provider: ProviderName, deliveries: OutgoingRequest[]): Promise<Figures> {
    const statuses: string[] = []
    for (const delivery of deliveries) statuses.push(await statusOf(provider, delivery))
    return countBy(statuses)
  }
  async function atOnce(provider: ProviderName, deliveries: OutgoingRequest[]): Promise<Figures> {
    return countBy(await Promise.all(deliveries.map((delivery) => statusOf(provider, delivery))))
  }

  const sematryxForms = wireForms.sematryx.filter((form) => form !== 'reserialized')
  const everySematryx = sematryxForms.flatMap((form) =>
    eventTypes.sematryx.map((type) => newDelivery({ provider: 'sematryx', form }, type)),
  )
  const everyJaot = eventTypes.jaot.map((type) => newDelivery({ provider: 'jaot', form: formOf(type) }, type))
  const sematryx: Wire = { provider: 'sematryx' }
  const completed = (overrides?: object, secret?: string) =>
    newDelivery(sematryx, 'optimization.completed', overrides, secret)
  const repeat = (count: number, delivery: OutgoingRequest) => Array.from({ length: count }, () => delivery)

  return [
    {
      title: 'Sematryx: every event type, in every way of writing JSON',
      send: () => inSequence('sematryx', everySematryx),
      expected: accepted(sematryxForms.flatMap(() => eventTypes.sematryx)),
    },
    {
      title: 'JAOT: every event type, in the documented and the real form',
      send: () => inSequence('jaot', everyJaot),
      expected: accepted(eventTypes.jaot),
    },
    {
      title: 'both: everything once more, one after the other',
      send: async () =>
        merge(await inSequence('sematryx', everySematryx), await inSequence('jaot', everyJaot)),
      expected: duplicates(everySematryx.length + everyJaot.length),
    },
    {
      title: 'JAOT: one event, fifty times at once',
      send: () => atOnce('jaot', repeat(50, newDelivery({ provider: 'jaot' }, 'execution.completed'))),
      expected: merge(accepted(['execution.completed']), duplicates(49)),
    },
    {
      title: 'Sematryx: bodies changed on the way',
      send: () =>
        atOnce(
          'sematryx',
          Array.from({ length: 5 }, () => tampered(completed())),
        ),
      expected: refused(401, 'invalid_signature', 5),
    },
    {
      title: 'Sematryx: signed with another secret',
      send: () =>
        atOnce(
          'sematryx',
          Array.from({ length: 5 }, () => completed({}, 'not-your-webhook-secret')),
        ),
      expected: refused(401, 'invalid_signature', 5),
    },
    {
      title: 'Sematryx: no signature',
      send: () =>
        atOnce(
          'sematryx',
          Array.from({ length: 5 }, () => unsigned(completed())),
        ),
      expected: refused(401, 'missing_signature', 5),
    },
    {
      title: 'Sematryx: an event from five days ago, played back',
      send: () => inSequence('sematryx', [completed({ created_at: daysAgo(5) })]),
      expected: refused(400, 'stale_event', 1),
    },
    {
      title: 'Sematryx: a type that nobody has heard of',
      send: () => inSequence('sematryx', [newDelivery(sematryx, 'optimization.paused')]),
      expected: accepted(['optimization.paused']),
    },
    {
      title: 'Sematryx: an event whose handler fails twice, then succeeds',
      send: () => inSequence('sematryx', [completed({ id: flakyId })]),
      expected: merge(accepted(['optimization.completed']), { retried: 2 }),
    },
    {
      title: 'Sematryx: an event whose handler fails for good',
      send: () => inSequence('sematryx', [completed({ id: hopelessId })]),
      expected: dead(1),
    },
    {
      title: 'Sematryx: a known type with data that does not fit',
      send: () => inSequence('sematryx', [completed({ data: { optimization_id: 42 } })]),
      expected: dead(1),
    },
  ]
}

/** The types that the example has handlers for. Its catch-alls see the others, which then wait for a handler. */
const handledTypes = ['optimization.completed', 'trigger.run.completed', 'trigger.execution.completed']

function accepted(types: readonly string[]): Figures {
  const handled = types.filter((type) => handledTypes.includes(type)).length
  return {
    'sent, answered 200': types.length,
    accepted: types.length,
    handled,
    'parked, as no handler is for its type': types.length - handled,
  }
}

function dead(count: number): Figures {
  return { 'sent, answered 200': count, accepted: count, 'dead letters': count }
}

function duplicates(count: number): Figures {
  return { 'sent, answered 200': count, 'duplicates recognised': count }
}

function refused(status: number, code: string, count: number): Figures {
  return { [`sent, answered ${status}`]: count, [`refused: ${code}`]: count }
}

function tampered(delivery: OutgoingRequest): OutgoingRequest {
  const body = Buffer.from(delivery.body)
  body[body.length - 2] = (body[body.length - 2] as number) ^ 1
  return { ...delivery, body }
}

function unsigned({ headers, ...delivery }: OutgoingRequest): OutgoingRequest {
  const { 'X-Sematryx-Signature': _, ...others } = headers
  return { ...delivery, headers: others }
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 24 * 3600 * 1000).toISOString()
}

function countBy(names: readonly string[]): Figures {
  return merge(...names.map((name) => ({ [name]: 1 })))
}

function merge(...all: Figures[]): Figures {
  const merged: Record<string, number> = {}
  for (const figures of all)
    for (const [name, count] of Object.entries(figures)) merged[name] = (merged[name] ?? 0) + count
  return merged
}
