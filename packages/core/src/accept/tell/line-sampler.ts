import type { Clock } from '../../contracts/clock.ts'
import type { Logger } from '../../contracts/logger.ts'

const minuteMs = 60_000
const linesPerMinute = 10
/**
 * More reasons of a code than there are in practice. If there are more, they vary by something from outside, and all further ones of this code and level
 * count as one. What strangers make up takes no lines from other codes.
 */
const maxReasons = 50

type Level = keyof Logger

/** A line that strangers can cause. */
interface Line {
  readonly level: Level
  /** The reason, with figures left out. */
  readonly message: string
  /** Details that are also given for lines that were left out. */
  readonly about: Record<string, unknown>
}

interface Minute {
  readonly startedAt: number
  lines: number
  leftOut: number
  /** Says how many were left out. */
  close(): void
}

/**
 * Limits the log lines that strangers can cause. At most ten lines a minute are written for each reason, and then one that says how many
 * were left out.
 */
export class LineSampler {
  readonly #logger: Logger
  readonly #clock: Required<Clock>
  readonly #minutes = new Map<string, Minute>()

  /** @param logger for the line that says how many were left out. */
  constructor(logger: Logger, clock: Required<Clock>) {
    this.#logger = logger
    this.#clock = clock
  }

  /** Whether a line is to be written. */
  admits(line: Line): boolean {
    const now = this.#clock.elapsed()
    const minute = this.#minuteOf(this.#reasonOf(line, now), line, now)
    if (minute.lines < linesPerMinute) {
      minute.lines += 1
      return true
    }
    minute.leftOut += 1
    if (minute.leftOut === 1) {
      const remainingMs = Math.max(0, minute.startedAt + minuteMs - now)
      this.#clock.after(remainingMs, () => minute.close(), { background: true })
    }
    return false
  }

  /** Says how many were left out until now. Called when a receiver ends. */
  close(): void {
    for (const minute of [...this.#minutes.values()]) minute.close()
  }

  #reasonOf({ level, message, about }: Line, now: number): string {
    const kind = `${level} ${about.code}`
    const reason = `${kind} ${message.replace(/\d+/g, '#')}`
    if (this.#minutes.has(reason) || this.#hasRoomFor(kind)) return reason
    for (const { startedAt, close } of this.#minutes.values()) if (now - startedAt >= minuteMs) close()
    return this.#hasRoomFor(kind) ? reason : kind
  }

  #hasRoomFor(kind: string): boolean {
    if (this.#minutes.size < maxReasons) return true
    return [...this.#minutes.keys()].filter((reason) => reason.startsWith(`${kind} `)).length < maxReasons
  }

  /** The current minute. Timers may be lost with their request, so a minute that is over is closed here too. */
  #minuteOf(reason: string, line: Line, now: number): Minute {
    const current = this.#minutes.get(reason)
    if (current && now - current.startedAt < minuteMs) return current
    current?.close()
    const minute: Minute = {
      startedAt: now,
      lines: 0,
      leftOut: 0,
      close: () => {
        if (this.#minutes.get(reason) !== minute) return
        this.#minutes.delete(reason)
        if (minute.leftOut > 0) this.#sayHowMany(line, minute.leftOut)
      },
    }
    this.#minutes.set(reason, minute)
    return minute
  }

  #sayHowMany({ level, message, about }: Line, leftOut: number): void {
    const lines = leftOut === 1 ? '1 more line' : `${leftOut} more lines`
    this.#logger[level]({ ...about, leftOut }, `${message}: ${lines} of this reason left out within a minute`)
  }
}

/** A logger for lines that strangers can cause. */
export function sampledLogger(logger: Logger, sampler: LineSampler): Logger {
  const at =
    (level: Level) =>
    (details: Record<string, unknown>, message: string): void => {
      const { provider } = details
      if (sampler.admits({ level, message, about: provider === undefined ? {} : { provider } }))
        logger[level](details, message)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
