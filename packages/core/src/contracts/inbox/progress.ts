/** Why a handler, or the event as a whole (`handler` is null), failed. Text of bounded length: it can be stored anywhere. */
export interface Failure {
  readonly handler: string | null
  readonly code: string
  /** At most 4 KiB. */
  readonly message: string
  /** At most 16 KiB. */
  readonly stack?: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** A handler that has failed, or asked to wait, and runs again. */
export interface WaitingHandler {
  readonly handler: string
  /** The number of its next attempt. */
  readonly attempt: number
  /** When that is due, on the inbox's time (`Attempt.now`). */
  readonly dueAt: number
  /** How long it was asked to wait. An instant further off than this was measured by another clock, and is due. */
  readonly delayMs: number
}

/** One attempt of one handler. */
export interface HandlerRun {
  /** When it began, in milliseconds since 1970. */
  readonly at: number
  readonly durationMs: number
  /** `skipped`: it did not run, as it had handled a newer event of the same order key. */
  readonly outcome: 'completed' | 'failed' | 'waits' | 'abandoned' | 'skipped'
  /** Without its stack. */
  readonly failure?: Failure
}

/** How far handling has come, handler by handler. Kept with the event from one turn to the next; an inbox does not look inside. */
export interface Progress {
  /** Names of the handlers that succeeded. They are not run again. */
  readonly completed: readonly string[]
  /** The last failures of handlers that failed for good. They are not run again before a redrive. */
  readonly abandoned: readonly Failure[]
  /** Handlers that run again, each at its own time. */
  readonly waiting?: readonly WaitingHandler[]
  /** The last attempts of each handler, oldest first, 20 at the most. */
  readonly history?: Readonly<Record<string, readonly HandlerRun[]>>
  /** Names the redrive that wanted every effect again. The same from then on. */
  readonly replay?: string
  /** Names of handlers that did not run and will not, as each has handled a newer event of the same order key. */
  readonly skipped?: readonly string[]
  /** The event is handled also where a newer one of its order key was. */
  readonly outOfOrder?: true
  /** The one handler that shall run, by its name or by the name that it was given. Left out where all shall. */
  readonly only?: string
  /** Names the replays that made the event pending, the last 8: one of those names has no more to do with it. */
  readonly replayedBy?: readonly string[]
}

/** How a dead letter is handled again. */
export interface RedriveOptions {
  /**
   * Runs every handler, those included that have succeeded, and has `@hookport/once` repeat the effect that it has a receipt of, once for
   * this redrive. Defaults to false.
   */
  again?: boolean
  /** Runs handlers also where they have handled a newer event of the same order key since, in spite of `older: 'skip'`. Defaults to false. */
  force?: boolean
}

/** How a handled event is handled again. */
export interface ReplayOptions {
  /** Names the replay. An event that was made pending under that name before is left alone. */
  readonly id: string
  /** The one handler that shall run. Left out where all shall. */
  readonly handler?: string | undefined
  /** Has `@hookport/once` repeat the effect that it has a receipt of, once for this replay. Defaults to false. */
  readonly again?: boolean | undefined
}

/** So many replays of an event are known by their names: one may be interrupted, and others go in between before it goes on. */
const mostReplays = 8

/** Of an event that no handler has taken yet. */
export const noProgress: Progress = { completed: [], abandoned: [] }

/** What stays of progress when a dead letter is handled again: who succeeded, unless all run `again`, and what happened. */
export function redrivenProgress(
  { completed, history, replay: earlier, only, outOfOrder, replayedBy }: Progress,
  { again = false, force = false }: RedriveOptions = {},
): Progress {
  const replay = again ? crypto.randomUUID() : earlier
  return {
    completed: again ? [] : completed,
    abandoned: [],
    ...(history && { history }),
    ...(replay !== undefined && { replay }),
    ...(only !== undefined && { only }),
    ...((force || outOfOrder) && { outOfOrder: true as const }),
    ...(replayedBy !== undefined && { replayedBy }),
  }
}

/** What stays of progress when a handled event is handled again. Undefined where the same replay has made it pending before. */
export function replayedProgress(
  { completed, history, replay: earlier, replayedBy = [] }: Progress,
  { id, handler, again = false }: ReplayOptions,
): Progress | undefined {
  if (replayedBy.includes(id)) return undefined
  const replay = again ? id : earlier
  return {
    completed: handler === undefined ? [] : completed.filter((name) => !isNamed(name, handler)),
    abandoned: [],
    outOfOrder: true,
    replayedBy: [...replayedBy, id].slice(-mostReplays),
    ...(handler !== undefined && { only: handler }),
    ...(history && { history }),
    ...(replay !== undefined && { replay }),
  }
}

/** Whether a handler, by its full name as progress has it, is the one that is called so: by that name, or by the one that it was given. */
export function isNamed(fullName: string, called: string): boolean {
  if (fullName === called || fullName.endsWith(`):${called}`)) return true
  return fullName === `onAnyEvent:${called}` || fullName === `onUnhandledEvent:${called}`
}
