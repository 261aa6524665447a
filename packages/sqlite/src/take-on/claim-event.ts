import { randomUUID } from 'node:crypto'
import {
  type Burial,
  type ClaimOptions,
  type ClaimResult,
  type EventRecord,
  type Lease,
  noProgress,
  type Progress,
} from '@hookport/core'
import type { Moment } from '../file/file-time.ts'
import { type Claim, leaseLeftMs } from '../ids/claims.ts'
import type { OpenFile } from '../open/open-file.ts'
import type { RoomInFile } from './room-in-file.ts'

/** Gives a lease on an event, unless the event was taken on before or somebody else has a lease. */
export function claimEvent(
  file: OpenFile,
  now: Moment,
  room: RoomInFile,
  event: EventRecord,
  { rememberMs, leaseMs }: ClaimOptions,
): ClaimResult {
  const known = file.ids.find(event, now.steady)
  if (known) return known
  const before = file.claims.find(event.key, now)
  const leftMs = before ? leaseLeftMs(before, now) : 0
  if (leftMs > 0) return { outcome: 'in_progress', retryAfterMs: leftMs }
  if (!before) room.assertFor(event, file)
  const { attempt, progress } = before ?? { attempt: 1, progress: noProgress }
  const token = randomUUID()
  const leaseUntil = now.elapsed + leaseMs
  const forgottenAt = now.steady + Math.max(rememberMs, leaseMs)
  file.claims.save(event.key, { token, attempt, progress, leaseUntil, leaseMs, forgottenAt })
  file.aliases.remember(event)
  return { outcome: 'claimed', lease: { key: event.key, token, attempt, progress } }
}

/** The claim of a lease. Undefined if the lease is lost. */
export function heldClaim(file: OpenFile, now: Moment, lease: Lease): Claim | undefined {
  const claim = file.claims.find(lease.key, now)
  return claim?.token === lease.token && leaseLeftMs(claim, now) > 0 ? claim : undefined
}

export function renewClaim(file: OpenFile, now: Moment, { key }: Lease, claim: Claim, leaseMs: number): void {
  const leaseUntil = now.elapsed + leaseMs
  const forgottenAt = Math.max(claim.forgottenAt, now.steady + leaseMs)
  file.claims.save(key, { ...claim, leaseUntil, leaseMs, forgottenAt })
}

export function releaseClaim(
  file: OpenFile,
  lease: Lease,
  claim: Claim,
  progress: Progress,
  attemptUsed: boolean,
): void {
  const attempt = lease.attempt + (attemptUsed ? 1 : 0)
  file.claims.save(lease.key, { ...claim, leaseUntil: 0, progress, attempt })
}

/** The event was handled under its claim. */
export function confirmClaim(file: OpenFile, now: Moment, event: EventRecord, rememberMs: number): void {
  file.claims.delete(event.key)
  file.ids.remember(event, now.steady + rememberMs)
}

/** Keeps an event in place of its claim. False if it was reconciled in the meantime, and is kept or handled under its other name. */
export function layToRest(
  file: OpenFile,
  now: Moment,
  { attempt }: Lease,
  event: EventRecord,
  { progress, failures, rememberMs }: Burial,
  rest: 'dead' | 'parked',
): boolean {
  const sequence = file.kept.nextSequence()
  file.claims.delete(event.key)
  const until = now.steady + rememberMs
  const known = file.ids.takeOn(event, until, sequence, now.steady)
  if (known) return false
  file.kept.add(sequence, event, { rest, attempt, progress, failures }, now)
  return true
}
