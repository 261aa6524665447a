import { openSync, readFileSync, writeSync } from 'node:fs'

/** What processes say of themselves. `at` is in milliseconds on a clock that all processes of the machine share, and that nobody sets. */
export type JournalLine =
  | { readonly kind: 'started'; readonly who: string; readonly at: number; readonly version: number }
  | {
      readonly kind: 'turn'
      readonly who: string
      readonly at: number
      /** Names the turn. */
      readonly turn: string
      readonly id: string
      /** When the store handed the event out, on the store's time. */
      readonly now: number
      readonly interruptions: number
    }
  | {
      readonly kind: 'effect'
      readonly who: string
      readonly at: number
      readonly turn: string
      readonly id: string
      readonly handler: string
      /** Whether the handler fails after it, on purpose. */
      readonly failing: boolean
    }
  /** The store has confirmed that these handlers are completed. */
  | {
      readonly kind: 'kept'
      readonly who: string
      readonly at: number
      readonly turn: string
      readonly id: string
      readonly completed: readonly string[]
    }
  | {
      readonly kind: 'verdict'
      readonly who: string
      readonly at: number
      readonly turn: string
      readonly id: string
      readonly outcome: string
    }
  /** The store did not take a verdict: another had taken the event. */
  | { readonly kind: 'void'; readonly who: string; readonly at: number; readonly id: string }
  /** An observer of the receiver was told. */
  | {
      readonly kind: 'observed'
      readonly who: string
      readonly at: number
      readonly what: string
      readonly id: string
    }
  /** The event loop stood still. `reason` is known where a handler blocked it on purpose. */
  | {
      readonly kind: 'stalled'
      readonly who: string
      readonly at: number
      readonly from: number
      readonly reason: 'blocked' | 'starved'
    }
  /** A handler ends the process. */
  | { readonly kind: 'exiting'; readonly who: string; readonly at: number; readonly id: string }

type Unsigned<Line> = Line extends JournalLine ? Omit<Line, 'who' | 'at'> : never

/** Milliseconds on the machine's clock that only goes on. */
export function machineTime(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}

/** Appends lines to a file that several processes share. What was written stays, however the process ends. */
export class Journal {
  readonly #file: number
  readonly #who: string

  constructor(path: string, who: string) {
    this.#file = openSync(path, 'a')
    this.#who = who
  }

  write(line: Unsigned<JournalLine>): void {
    writeSync(this.#file, `${JSON.stringify({ ...line, who: this.#who, at: machineTime() })}\n`)
  }
}

export function readJournal(path: string): JournalLine[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line))
}
