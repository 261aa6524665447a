/** Why a handler failed, or the event as a whole (`handler` is null). The text has a bounded length, so that any store can hold it. */
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

/** A handler that has failed or asked to wait, and runs again. */
export interface WaitingHandler {
  readonly handler: string
  /** The number of its next attempt. */
  readonly attempt: number
  /** When that is due, on the inbox's time (`Attempt.now`). */
  readonly dueAt: number
  /** How long it was asked to wait. If the time of the attempt is further away than this, another clock measured it, and the attempt is due. */
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

/** How far the handling of an event has come, handler by handler. It is kept with the event from turn to turn. An inbox only stores it. */
export interface Progress {
  /** Names of the handlers that succeeded. They do not run again. */
  readonly completed: readonly string[]
  /** The last failures of handlers that failed for good. They do not run again before a redrive. */
  readonly abandoned: readonly Failure[]
  /** Handlers that run again, each at its own time. */
  readonly waiting?: readonly WaitingHandler[]
  /** The last attempts of each handler, the oldest first, at most 20. */
  readonly history?: Readonly<Record<string, readonly HandlerRun[]>>
  /** The id of the redrive that asked to repeat every effect. It does not change afterwards. */
  readonly replay?: string
  /** Names of handlers that did not run and will not, as each has handled a newer event of the same order key. */
  readonly skipped?: readonly string[]
  /** Whether the event is handled even where a newer one of its order key was handled. */
  readonly outOfOrder?: true
  /** The only handler that runs, by its full name or the name that it was given. Left out where all run. */
  readonly only?: string
  /** Ids of the last 8 replays that made the event pending. A replay of one of these ids leaves the event alone. */
  readonly replayedBy?: readonly string[]
}

/** How a dead letter is handled again. */
export interface RedriveOptions {
  /**
   * Runs every handler, also those that have succeeded, and lets `@hookport/once` repeat an effect that it has a receipt of, once for this redrive.
   * Defaults to false.
   */
  again?: boolean
  /** Runs handlers even where they have handled a newer event of the same order key since, regardless of `older: 'skip'`. Defaults to false. */
  force?: boolean
}

/** How a handled event is handled again. */
export interface ReplayOptions {
  /** Id of the replay. An event that was made pending under this id before is left alone. */
  readonly id: string
  /** The only handler that runs. Left out where all run. */
  readonly handler?: string | undefined
  /** Lets `@hookport/once` repeat an effect that it has a receipt of, once for this replay. Defaults to false. */
  readonly again?: boolean | undefined
}

/** How many replays of an event are known by their ids. A replay may be interrupted, and others may come before it continues. */
const mostReplays = 8

/** The progress of an event before its first turn. */
export const noProgress: Progress = { completed: [], abandoned: [] }

/** What is left of progress when a dead letter is redriven: the attempts, and who succeeded unless all run `again`. */
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

/** Whether a handler's full name, as in progress, matches a name: its full name, or the one that it was given. */
export function isNamed(fullName: string, called: string): boolean {
  const given = fullName.replace(/^on(AnyEvent|UnhandledEvent|Overdue):/, '')
  return fullName === called || given === called || fullName.endsWith(`):${called}`)
}
