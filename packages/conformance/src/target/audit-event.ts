import { randomUUID } from 'node:crypto'
import type { JsonObject } from '@hookport/core'
import type { Instructions } from './audit-handler.ts'
import type { AuditTarget } from './audit-target.ts'

export interface AuditEvent {
  /** The id that handlers see. */
  readonly id: string
  readonly type: string
  readonly createdAt: number
  readonly payload: JsonObject
  /** The payload as compact JSON. */
  readonly body: Uint8Array
}

export interface EventChanges {
  readonly audit?: Instructions
  readonly data?: JsonObject
  readonly type?: string
  /** How long ago it was created; negative for the future. Defaults to now. */
  readonly ageMs?: number
  /** Defaults to a new one. */
  readonly key?: string
}

/** An event that the target has not seen before, unless its `key` was used before. */
export function newEvent(target: AuditTarget, changes: EventChanges = {}): AuditEvent {
  const { provider, now = Date.now } = target
  const { audit, data = {}, type = provider.knownType, ageMs = 0, key = randomUUID() } = changes
  const createdAt = new Date(now() - ageMs)
  const parts = { key, type, createdAt, data: { ...data, ...(audit && { audit }) } }
  const payload = provider.makePayload(parts)
  return {
    id: provider.idOf(parts),
    type,
    createdAt: createdAt.getTime(),
    payload,
    body: toBytes(JSON.stringify(payload)),
  }
}

export function toBytes(text: string): Uint8Array {
  return Buffer.from(text, 'utf8')
}
