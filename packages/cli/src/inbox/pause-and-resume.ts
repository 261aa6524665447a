import { type Inbox, pausedHandling, pauseHandling, resumeHandling } from '@hookport/core'
import { type Flags, rejectOperands } from '../flags/flags.ts'
import { exitCodes, UsageError } from '../terminal/exit-codes.ts'
import { printableLine } from '../terminal/printable.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { InboxAction } from './inbox-action.ts'
import { unknownHandler } from './known-handlers.ts'

/** Pauses a receiver, or one of its handlers. */
export const pauseAction: InboxAction = async ({ inbox, flags, operands, terminal }) => {
  rejectOperands('inbox pause', operands)
  const source = sourceOf(flags)
  const reason = flags.text('reason')
  if (reason === undefined) throw new UsageError('pause needs --reason, for whoever finds it paused')
  const handler = flags.text('handler')
  await pauseHandling(inbox, source, { handler, reason }, Date.now())
  terminal.print('paused: every process sees it within 5 s')
  const unknown = await unknownHandler(handler, { inbox, source })
  if (unknown !== undefined)
    terminal.note(`${unknown}: it is paused anyway, for when it comes. inbox resume undoes that`)
  await noteUnknownReceiver(source, inbox, terminal)
  return exitCodes.ok
}

export const resumeAction: InboxAction = async ({ inbox, flags, operands, terminal }) => {
  rejectOperands('inbox resume', operands)
  const source = sourceOf(flags)
  const handler = flags.text('handler')
  const before = await pausedHandling(inbox, source)
  await resumeHandling(inbox, source, handler)
  if (before.some((pause) => pause.handler === handler))
    terminal.print('resumed: every process sees it within 5 s')
  else terminal.print(`nothing to resume: ${handler ?? 'the receiver'} was not paused`)
  for (const { handler, reason } of await pausedHandling(inbox, source))
    terminal.note(printableLine(`still paused: ${handler ?? 'all handlers'}: ${reason}`))
  return exitCodes.ok
}

/** What is paused under a name that no receiver has goes on. */
async function noteUnknownReceiver(source: string, inbox: Inbox, terminal: Terminal): Promise<void> {
  const counts = await inbox.counts({ source })
  if (Object.values(counts).some((count) => count > 0)) return
  terminal.note(`no event of a receiver ${source} is kept: is that its name?`)
}

function sourceOf(flags: Flags): string {
  const source = flags.text('source')
  if (source === undefined) throw new UsageError('give --source: the receiver that is meant, by its name')
  return source
}
