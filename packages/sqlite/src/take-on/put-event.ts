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
  const retryAfterMs = event.origin === 'reconciled' ? file.claims.leaseLeftMs(event, now) : 0
  if (retryAfterMs > 0 && !file.ids.find(event, now.steady)) return { outcome: 'in_progress', retryAfterMs }
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
