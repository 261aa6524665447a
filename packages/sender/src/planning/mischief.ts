import { assertKnown, type NamesOf } from '../known-options.ts'
import { longestTimerMs } from '../sending/sender-options.ts'

/**
 * What goes wrong on the way, on purpose. Options can be combined. Each has its own random numbers, so adding one does not change which events the
 * others hit. A share is from 0 (none, the default) to 1 (all).
 */
export interface Mischief {
  /** Share of the bodies that are changed by one byte after they were signed. */
  tamper?: number | undefined
  /** Share of the signatures that are replaced by random digits of the same length. */
  wrongSignature?: number | undefined
  /** Share of the deliveries without a signature header. */
  missingSignature?: number | undefined
  /** Share of the signatures that are cut to half their length. */
  truncatedSignature?: number | undefined
  /** Share of the deliveries that are signed with a wrong secret. */
  wrongSecret?: number | undefined
  /** Share of the events that happened `staleByMs` ago, and are signed with that time. */
  stale?: number | undefined
  /** Defaults to 30 days. */
  staleByMs?: number | undefined
  /** Share of the events that will happen in `futureByMs`, and are signed with that time. */
  future?: number | undefined
  /** Defaults to 1 day. */
  futureByMs?: number | undefined
  /** Share of the events whose `data` is padded by `oversizeBytes`. */
  oversize?: number | undefined
  /** Defaults to 2 MiB. */
  oversizeBytes?: number | undefined
  /** Share of the bodies that are sent slowly, over `slowBodyMs`. */
  slowBody?: number | undefined
  /** Defaults to 1 s. */
  slowBodyMs?: number | undefined
  /** Share of the bodies whose connection is cut in the middle. */
  abortedBody?: number | undefined
  /** Share of the deliveries that are sent again, one after the other, `duplicateTimes` times. */
  duplicates?: number | undefined
  /** Share of the deliveries that are sent `duplicateTimes` more times at the same moment. */
  concurrentDuplicates?: number | undefined
  /** How often a duplicate is sent again. Defaults to 1: it is sent twice in total. */
  duplicateTimes?: number | undefined
  /** How many later events may overtake an event. Defaults to 0: they are sent in order. */
  reorder?: number | undefined
  /** From the event of this index on (counted from 0), deliveries are signed with the secret `to`. */
  rotateSecret?: { after: number; to: string } | undefined
}

const day = 24 * 60 * 60 * 1000

/** Thousands of years. Much later there is no `Date`. */
const mostMs = 1_000_000 * day
/** A string of twice as many could not be made. */
const mostBytes = 256 * 1024 * 1024
/** All copies of a delivery are made at once. */
const mostTimes = 1_000_000

/** Everything but `rotateSecret`, which has no default. */
export type ResolvedMischief = { [Option in Exclude<keyof Mischief, 'rotateSecret'>]-?: number } & {
  rotateSecret: Mischief['rotateSecret']
}

/** The mischief that hits a share of the deliveries. */
export const mischiefNames = [
  'tamper',
  'wrongSignature',
  'missingSignature',
  'truncatedSignature',
  'wrongSecret',
  'stale',
  'future',
  'oversize',
  'slowBody',
  'abortedBody',
  'duplicates',
  'concurrentDuplicates',
] as const satisfies readonly (keyof Mischief)[]

/** A mischief that hits a share of the deliveries. */
export type MischiefName = (typeof mischiefNames)[number]

const optionNames: NamesOf<Mischief> = {
  ...(Object.fromEntries(mischiefNames.map((name) => [name, true])) as Record<MischiefName, true>),
  staleByMs: true,
  futureByMs: true,
  oversizeBytes: true,
  slowBodyMs: true,
  duplicateTimes: true,
  reorder: true,
  rotateSecret: true,
}

/** @throws {RangeError} for a share that is not from 0 to 1, or a number that is negative or too large; {TypeError} for an unknown option. */
export function resolveMischief(given: Mischief): ResolvedMischief {
  assertKnown('mischief', given, optionNames)
  const shares = Object.fromEntries(mischiefNames.map((name) => [name, shareOf(name, given[name] ?? 0)]))
  return {
    ...(shares as Record<MischiefName, number>),
    staleByMs: figure('staleByMs', given.staleByMs ?? 30 * day, mostMs),
    futureByMs: figure('futureByMs', given.futureByMs ?? day, mostMs),
    oversizeBytes: figure('oversizeBytes', given.oversizeBytes ?? 2 * 1024 * 1024, mostBytes),
    slowBodyMs: figure('slowBodyMs', given.slowBodyMs ?? 1_000, longestTimerMs),
    duplicateTimes: figure('duplicateTimes', given.duplicateTimes ?? 1, mostTimes),
    reorder: figure('reorder', given.reorder ?? 0, Number.MAX_SAFE_INTEGER),
    rotateSecret: given.rotateSecret,
  }
}

function shareOf(name: string, value: number): number {
  if (value >= 0 && value <= 1) return value
  throw new RangeError(`${name} is a share, from 0 to 1: ${value}`)
}

function figure(name: string, value: number, most: number): number {
  if (value >= 0 && value <= most) return value
  throw new RangeError(`${name} must be from 0 to ${most}: ${value}`)
}
