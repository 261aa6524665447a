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
  readonly outcome: 'completed' | 'failed' | 'waits' | 'abandoned'
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
}

/** How a dead letter is handled again. */
export interface RedriveOptions {
  /**
   * Runs every handler, those included that have succeeded, and has `@hookport/once` repeat the effect that it has a receipt of, once for
   * this redrive. Defaults to false.
   */
  again?: boolean
}

export const noProgress: Progress = { completed: [], abandoned: [] }

/** What stays of progress when a dead letter is handled again: who succeeded, unless all run `again`, and what happened. */
export function redrivenProgress(
  { completed, history, replay: earlier }: Progress,
  { again = false }: RedriveOptions = {},
): Progress {
  const replay = again ? crypto.randomUUID() : earlier
  return {
    completed: again ? [] : completed,
    abandoned: [],
    ...(history && { history }),
    ...(replay !== undefined && { replay }),
  }
}
