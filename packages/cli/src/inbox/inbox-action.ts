import { eventStates, type Inbox, type ListFilter } from '@hookport/core'
import type { Flags } from '../flags/flags.ts'
import { readInstant } from '../flags/time-flag.ts'
import { type ExitCode, UsageError } from '../terminal/exit-codes.ts'
import type { Terminal } from '../terminal/terminal.ts'

export interface InboxCall {
  readonly inbox: Inbox
  readonly flags: Flags
  readonly operands: readonly string[]
  readonly terminal: Terminal
}

export type InboxAction = (call: InboxCall) => Promise<ExitCode>

/** The flags that `readFilter` reads. */
export const filterFlags = ['source', 'tenant', 'state', 'type', 'since', 'until'] as const

/** As the receiver's option `name` must be, or the source of its expectations. */
const sourceName = /^[a-z0-9-]{1,40}(?:\.expected)?$/

/**
 * Nothing is of a name that can't be: counts would be 0, and a pause would pause nothing.
 *
 * @throws {UsageError} for such a name. Most often its environment variable is not set.
 */
export function rejectImpossibleNames(flags: Flags): void {
  const empty = ['source', 'tenant', 'type'].find((name) => flags.text(name) === '')
  if (empty !== undefined)
    throw new UsageError(`--${empty} is empty: is the environment variable that should hold it set?`)
  const source = flags.text('source')
  if (source !== undefined && !sourceName.test(source))
    throw new UsageError(
      `--source ${source}: the name of a receiver has 1 to 40 lower-case letters, digits and hyphens`,
    )
}

/** Whose events are selected. */
export function readOwner(flags: Flags): Pick<ListFilter, 'source' | 'tenant'> {
  const source = flags.text('source')
  const tenant = flags.text('tenant')
  return { ...(source !== undefined && { source }), ...(tenant !== undefined && { tenant }) }
}

/**
 * The filter that the flags make, without a limit.
 *
 * @throws {UsageError} for flags that no event fits.
 */
export function readFilter(flags: Flags, now = Date.now()): ListFilter {
  const state = flags.choice('state', eventStates)
  const type = flags.text('type')
  const receivedFrom = readInstant(flags, 'since', now)
  const receivedBefore = readInstant(flags, 'until', now)
  if (receivedFrom !== undefined && receivedBefore !== undefined && receivedFrom >= receivedBefore)
    throw new UsageError('--since is not before --until: nothing was received between them')
  return {
    ...readOwner(flags),
    ...(state !== undefined && { state }),
    ...(type !== undefined && { type }),
    ...(receivedFrom !== undefined && { receivedFrom }),
    ...(receivedBefore !== undefined && { receivedBefore }),
  }
}
