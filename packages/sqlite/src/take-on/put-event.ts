import { type EventRecord, noProgress, type PutOptions, type PutResult } from '@hookport/core'
import type { Moment } from '../file/file-time.ts'
import type { OpenFile } from '../open/open-file.ts'
import type { RoomInFile } from './room-in-file.ts'

/** Takes an event on, unless it was taken on before. */
export function putEvent(
  file: OpenFile,
  now: Moment,
  room: RoomInFile,
  event: EventRecord,
  { rememberMs, failure }: PutOptions,
): PutResult {
  const retryAfterMs = event.origin === 'reconciled' ? leaseLeftMs(event, file, now) : 0
  if (retryAfterMs > 0) return { outcome: 'in_progress', retryAfterMs }
  if (room.isBounded && !file.ids.find(event, now.steady)) room.assertFor(event, file)
  const sequence = file.kept.nextSequence()
  const until = now.steady + rememberMs
  const known = file.ids.takeOn(event, until, sequence, now.steady)
  if (known) return known
  const progress = file.claims.revoke(event.key, now) ?? noProgress
  if (failure) file.kept.add(sequence, event, { rest: 'dead', progress, failures: [failure] }, now)
  else file.kept.addPending(sequence, event, progress, now)
  return { outcome: 'accepted' }
}

/** How long a claim on a reconciled event still runs; 0 where the event was taken on already. */
function leaseLeftMs(event: EventRecord, file: OpenFile, now: Moment): number {
  const leftMs = file.claims.leaseLeftMs(event, now)
  return leftMs > 0 && file.ids.find(event, now.steady) ? 0 : leftMs
}
