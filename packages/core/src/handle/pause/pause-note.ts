import { ConfigurationError } from '../../contracts/errors.ts'
import { foundValue } from '../../contracts/found-value.ts'
import type { Inbox } from '../../contracts/inbox/inbox.ts'
import type { Notes } from '../../contracts/inbox/notes.ts'
import { isNamed } from '../../contracts/inbox/progress.ts'
import type { Pause, PauseRequest } from '../../contracts/receiver/pause.ts'
import { assertOptions } from '../../options/option-table.ts'

/** How often writing a note is tried, if other processes write it at the same time. */
const mostTries = 10

const known: Record<keyof PauseRequest, true> = { handler: true, reason: true }

/** @throws {ConfigurationError} for what is no request, and for a misspelt option: more would be paused or resumed than was meant. */
export function assertPauseRequest(request: Partial<PauseRequest>, call: 'pause' | 'resume'): void {
  assertOptions(request, known, call)
}

/** Pauses a receiver's handlers in all processes, until they are resumed. A second pause of the same handlers replaces the first. */
export function pauseHandling(
  inbox: Inbox,
  source: string,
  request: PauseRequest,
  now: number,
): Promise<void> {
  assertPauseRequest(request, 'pause')
  const { handler, reason } = request
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > 500)
    throw new ConfigurationError('pause: reason must be a text of 1 to 500 characters that says why')
  assertHandler(handler)
  const pause = { handler, reason, since: now }
  return change(notesOf(inbox), source, (pauses) => [...without(pauses, handler), pause])
}

/** Ends a pause. The end of a pause of the whole receiver leaves pauses of single handlers. */
export function resumeHandling(inbox: Inbox, source: string, handler: string | undefined): Promise<void> {
  assertHandler(handler)
  return change(notesOf(inbox), source, (pauses) => without(pauses, handler))
}

/** The pauses of a receiver. */
export async function pausedHandling(inbox: Inbox, source: string): Promise<readonly Pause[]> {
  return readPauses((await inbox.notes?.read(noteName(source)))?.text)
}

export function noteName(source: string): string {
  return `paused:${source}`
}

/** @throws for a note that is none of this version: it may say that everything is paused. */
export function readPauses(text: string | undefined): readonly Pause[] {
  const pauses: unknown = text === undefined ? [] : JSON.parse(text)
  if (!Array.isArray(pauses)) throw new Error('the note of what is paused has another form')
  return pauses
}

async function change(
  notes: Notes,
  source: string,
  make: (pauses: readonly Pause[]) => readonly Pause[],
): Promise<void> {
  for (let tries = 0; tries < mostTries; tries++) {
    const note = await notes.read(noteName(source))
    const pauses = make(readPauses(note?.text))
    if (pauses.length === 0 && note === undefined) return
    const text = pauses.length === 0 ? undefined : JSON.stringify(pauses)
    if (await notes.write(noteName(source), text, note?.version)) return
  }
  throw new Error('pause: other processes changed the pauses at the same time in every attempt; try again')
}

/** A handler that is paused by its full name is also meant by its name alone. */
function without(pauses: readonly Pause[], handler: string | undefined): readonly Pause[] {
  return pauses.filter(({ handler: paused }) => {
    if (paused === undefined || handler === undefined) return paused !== handler
    return !isNamed(paused, handler)
  })
}

function assertHandler(handler: unknown): void {
  if (handler === undefined || (typeof handler === 'string' && handler !== '' && handler.length <= 500))
    return
  throw new ConfigurationError(`pause: handler is ${foundValue(handler)}; it must be the name of a handler`)
}

function notesOf(inbox: Inbox): Notes {
  if (inbox.notes) return inbox.notes
  throw new ConfigurationError(
    `pause: the ${inbox.name} inbox keeps no notes, so other processes would not see the pause; use an inbox with notes`,
  )
}
