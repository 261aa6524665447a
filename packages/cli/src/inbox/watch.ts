import { setTimeout as wait } from 'node:timers/promises'
import { type Counts, eventStates, type Inbox } from '@hookport/core'
import { rejectOperands } from '../flags/flags.ts'
import { longestTimerMs } from '../flags/timeout-flag.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import { printable } from '../terminal/printable.ts'
import { type InboxAction, readOwner } from './inbox-action.ts'

/** Prints a line with the counts by state, and another whenever they have changed, until it is ended. */
export const watchAction: InboxAction = async ({ inbox, flags, operands, terminal }) => {
  rejectOperands('inbox watch', operands)
  const everyMs = (flags.number('every', { min: 0.1, max: Math.floor(longestTimerMs / 1000) }) ?? 1) * 1000
  let last = ''
  let failing = false
  while (!terminal.signal.aborted) {
    try {
      const counts = await inbox.counts(readOwner(flags))
      failing = false
      const written = JSON.stringify(counts)
      if (written !== last) terminal.print(flags.has('json') ? asJson(counts) : asLine(counts))
      last = written
    } catch (error) {
      // A store that can't be reached for a moment does not end the watch. This is said once.
      if (!failing) terminal.note(printable(complaint(inbox, error)))
      failing = true
    }
    await wait(everyMs, undefined, { signal: terminal.signal }).catch(() => {})
  }
  return exitCodes.ok
}

function asJson(counts: Counts): string {
  return JSON.stringify({ at: new Date().toISOString(), ...counts })
}

function asLine(counts: Counts): string {
  const figures = eventStates.map((state) => `${state} ${counts[state]}`)
  return [new Date().toISOString(), ...figures].join('  ')
}

function complaint({ name }: Inbox, error: unknown): string {
  return `the ${name} inbox can't be asked: ${(error as Error).message}; trying again`
}
