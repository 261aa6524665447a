import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'

export const crashPoints = ['after take-up', 'mid-handler', 'after the effect', 'before completion'] as const

export type CrashPoint = (typeof crashPoints)[number]

/** In an event's data: the process that handles it sends itself this signal, the first time that it comes to this point. */
export interface Crash {
  readonly at: CrashPoint
  readonly signal: 'SIGKILL' | 'SIGSTOP'
}

/** What an event's data holds beside the sample's, for the worker of the tests. */
export interface TestData {
  readonly crash?: Crash
  /** How long its handler takes. */
  readonly workMs?: number
  /** Its handler kills the process, each time. */
  readonly poison?: true
  /** The process whose handler fails for good. */
  readonly failsInProcess?: number
}

/** The file whose presence says that a point was reached for an event. */
export function pointFile(folder: string, eventId: string, point: CrashPoint): string {
  return join(folder, `${eventId}-${point.replaceAll(' ', '-')}`)
}

/** Returns only if no crash was asked for here, or it came before, or the process was frozen and resumed. */
export function crashAt(point: CrashPoint, folder: string, eventId: string, data: unknown): void {
  const { crash } = data as TestData
  if (crash?.at !== point) return
  try {
    closeSync(openSync(pointFile(folder, eventId, point), 'wx'))
  } catch {
    return // the event was here before
  }
  process.kill(process.pid, crash.signal)
  const neverChanging = new Int32Array(new SharedArrayBuffer(4))
  Atomics.wait(neverChanging, 0, 0, 200) // a signal to oneself may arrive a moment later
}
