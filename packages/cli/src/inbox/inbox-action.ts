import type { EventState, Inbox, ListFilter } from '@hookport/core'
import type { Flags } from '../flags/flags.ts'
import { readInstant } from '../flags/time-flag.ts'
import type { ExitCode } from '../terminal/exit-codes.ts'
import type { Terminal } from '../terminal/terminal.ts'

export interface InboxCall {
  readonly inbox: Inbox
  readonly flags: Flags
  readonly operands: readonly string[]
  readonly terminal: Terminal
}

export type InboxAction = (call: InboxCall) => Promise<ExitCode>

const states = ['pending', 'scheduled', 'active', 'dead'] as const satisfies readonly EventState[]

/** The filter that the flags make, without a limit. */
export function readFilter(flags: Flags, now = Date.now()): ListFilter {
  const provider = flags.text('provider')
  const state = flags.choice('state', states)
  const type = flags.text('type')
  const receivedFrom = readInstant(flags, 'since', now)
  const receivedBefore = readInstant(flags, 'until', now)
  return {
    ...(provider !== undefined && { provider }),
    ...(state !== undefined && { state }),
    ...(type !== undefined && { type }),
    ...(receivedFrom !== undefined && { receivedFrom }),
    ...(receivedBefore !== undefined && { receivedBefore }),
  }
}
