import { pausedHandling, pauseHandling, resumeHandling } from '@hookport/core'
import { type Flags, rejectOperands } from '../flags/flags.ts'
import { exitCodes, UsageError } from '../terminal/exit-codes.ts'
import type { InboxAction } from './inbox-action.ts'

/** Pauses a receiver, or one of its handlers. */
export const pauseAction: InboxAction = async ({ inbox, flags, operands, terminal }) => {
  rejectOperands('inbox pause', operands)
  const source = sourceOf(flags)
  const reason = flags.text('reason')
  if (reason === undefined) throw new UsageError('pause needs --reason: somebody will ask why')
  await pauseHandling(inbox, source, { handler: flags.text('handler'), reason }, Date.now())
  terminal.print('paused: every process sees it within 5 s')
  return exitCodes.ok
}

export const resumeAction: InboxAction = async ({ inbox, flags, operands, terminal }) => {
  rejectOperands('inbox resume', operands)
  const source = sourceOf(flags)
  await resumeHandling(inbox, source, flags.text('handler'))
  terminal.print('resumed: every process sees it within 5 s')
  for (const { handler, reason } of await pausedHandling(inbox, source))
    terminal.note(`still paused: ${handler ?? 'all handlers'}: ${reason}`)
  return exitCodes.ok
}

function sourceOf(flags: Flags): string {
  const source = flags.text('source')
  if (source === undefined) throw new UsageError('give --source: the receiver that is meant, by its name')
  return source
}
