import { post } from '../http/post-event.ts'
import { type AuditEvent, newEvent } from '../target/audit-event.ts'
import type { AuditTarget } from '../target/audit-target.ts'

/** An event whose handler does not end until the handler of `release` has begun. */
export interface HeldEvent {
  readonly held: AuditEvent
  readonly release: AuditEvent
}

/** Makes sure that the handler is released, however the audit ends. */
export async function whileHeld(
  target: AuditTarget,
  url: string,
  use: (events: HeldEvent) => Promise<void>,
): Promise<void> {
  const release = newEvent(target)
  const held = newEvent(target, { audit: { holdUntil: release.id } })
  try {
    await use({ held, release })
  } finally {
    await post(target, { body: release.body, url }).catch(() => {})
  }
}
