import type { Inbox } from '@hookport/core'
import type { StoreSettings } from './member/member-settings.ts'
import type { Fault, StoreKind } from './schedule.ts'
import type { TroubleLog } from './trouble-log.ts'

/** What the members of a run share, and what can be done to it. */
export interface RigStore {
  readonly kind: StoreKind
  readonly settings: StoreSettings
  readonly trouble: TroubleLog
  /** Resolves when the fault is over. False where it could not be made. */
  strike(fault: Fault): Promise<boolean>
  /** For a look from outside. To be closed by who opens it. */
  openInbox(): Inbox
  stop(): Promise<void>
}
