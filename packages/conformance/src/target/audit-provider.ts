import type { JsonObject } from '@hookport/core'

/** The parts of an event of an audit. */
export interface EventParts {
  /** Makes the event different from all others before. */
  readonly key: string
  readonly type: string
  readonly createdAt: Date
  /** Added to the data, which is valid for `knownType`. */
  readonly data: JsonObject
}

/** How to act as the sender: what it signs, and what its events look like. */
export interface AuditProvider {
  readonly name: string
  readonly signatureHeader: string
  /** The value of the signature header. */
  sign(body: Uint8Array, secret: string): string
  /** The parsed body of an event. */
  makePayload(parts: EventParts): JsonObject
  /** The id under which handlers see the event of `makePayload`. */
  idOf(parts: EventParts): string
  /** A type whose data has a schema. */
  readonly knownType: string
  /** A type that the provider does not have. */
  readonly unknownType: string
  /** Data that `knownType` does not allow. */
  readonly misfitData: JsonObject
  /** The names of the envelope's fields in a body. `id` is undefined if the provider sends none. */
  readonly fields: {
    readonly id: string | undefined
    readonly type: string
    readonly time: string
    readonly data: string
  }
  /** Headers that the sender sends, or might send, but does not sign. Here they are false. */
  readonly lyingHeaders: Readonly<Record<string, string>>
}

function hexHmac(body: Uint8Array, secret: string): string {
  // Not imported, as applications under test load this file too, on runtimes without such a module.
  const { createHmac } = globalThis.process.getBuiltinModule('node:crypto')
  return createHmac('sha256', secret).update(body).digest('hex')
}

/** For receivers of Sematryx. */
export const sematryxAuditProvider: AuditProvider = {
  name: 'sematryx',
  signatureHeader: 'X-Sematryx-Signature',
  sign: hexHmac,
  makePayload: ({ key, type, createdAt, data }) => ({
    id: `evt_${key}`,
    type,
    created_at: createdAt.toISOString(),
    data: {
      optimization_id: 'opt_audit',
      status: 'completed',
      result: { best_solution: [0.001, -0.002], best_fitness: 0.5, evaluations: 847, duration_seconds: 2.34 },
      ...data,
    },
  }),
  idOf: ({ key }) => `evt_${key}`,
  knownType: 'optimization.completed',
  unknownType: 'optimization.unheard_of',
  misfitData: { optimization_id: 42, result: 'none' },
  fields: { id: 'id', type: 'type', time: 'created_at', data: 'data' },
  lyingHeaders: {
    'X-Sematryx-Event': 'optimization.failed',
    'X-Sematryx-Event-Id': 'evt_lie',
    'X-Sematryx-Timestamp': '946684800',
    'Idempotency-Key': 'lie',
    'X-Retry-Count': '3',
  },
}

/** For receivers of JAOT. */
export const jaotAuditProvider: AuditProvider = {
  name: 'jaot',
  signatureHeader: 'X-JAOT-Signature',
  sign: (body, secret) => `sha256=${hexHmac(body, secret)}`,
  makePayload: ({ key, type, createdAt, data }) => ({
    event: type,
    trigger_id: 'trg_audit',
    run_id: `run_${key}`,
    timestamp: createdAt.toISOString(),
    data: {
      status: 'completed',
      result: { status: 'optimal', objective_value: 42.5 },
      override_data: null,
      ...data,
    },
  }),
  idOf: ({ key, type }) => `${type}:run_${key}`,
  knownType: 'trigger.run.completed',
  unknownType: 'trigger.run.unheard_of',
  misfitData: { status: 42, result: 'none' },
  fields: { id: undefined, type: 'event', time: 'timestamp', data: 'data' },
  lyingHeaders: {
    'X-Jaot-Event': 'credits.low',
    'X-Jaot-Delivery-Timestamp': '946684800',
    'X-Jaot-Delivery-Id': 'lie',
    'Idempotency-Key': 'lie',
    'X-Retry-Count': '3',
  },
}
