import type { EventRecord } from '@hookport/core'
import { type JobProgress, toJobData, toJobProgress } from '../../src/layout/job-data.ts'
import type { RedisLink } from '../../src/redis/redis-link.ts'
import type { ScriptCall } from '../../src/redis/script-call.ts'

type Step = [name: string, ...args: unknown[]]
type Answer = (...args: unknown[]) => unknown

/** A link to a Redis that answers steps of turns as the test says: 1, unless told. */
export class FakeLink {
  readonly answers: Record<string, Answer> = {
    take: () => nothing(),
    announce: () => [],
    freeLines: () => '',
  }
  /** All steps that came, turn by turn. */
  readonly turns: Step[][] = []
  /** Calls of other scripts. */
  readonly scripts: string[] = []
  /** What the next calls reject with. */
  readonly errors: Error[] = []
  /** Whether the next call breaks off before its reply, and is sent again where it may be. */
  breaks = false

  get steps(): Step[] {
    return this.turns.flat()
  }

  /** The arguments of all steps of a name. */
  of(name: string): unknown[][] {
    return this.steps.filter(([one]) => one === name).map(([, ...args]) => args)
  }

  async run({ script, args, read, repeatable }: ScriptCall<unknown>): Promise<unknown> {
    const values = args(false)
    const [error] = this.errors.splice(0, 1)
    if (script !== 'turn') {
      this.scripts.push(script)
      if (error) throw error
      return read(1)
    }
    if (this.breaks && !repeatable) throw new Error('Connection is closed.')
    const steps = stepsOf(this.breaks ? args(true) : values)
    this.breaks = false
    this.turns.push(steps)
    if (error) throw error
    return read(steps.map(([name, ...rest]) => (this.answers[name] ?? (() => 1))(...rest)))
  }

  get asLink(): RedisLink {
    return this as unknown as RedisLink
  }
}

/** The arguments of the script, after the first: a name, the number of arguments and these, for each. */
function stepsOf([, ...values]: readonly unknown[]): Step[] {
  const steps: Step[] = []
  for (let at = 0; at < values.length; at += 2 + Number(values[at + 1]))
    steps.push([String(values[at]), ...values.slice(at + 2, at + 2 + Number(values[at + 1]))])
  return steps
}

/** The answer of a taking that finds nothing. */
export function nothing({ nextDueMs = -1, reports = [] as unknown[] } = {}): unknown[] {
  return [[], 1_000, nextDueMs, 0, reports]
}

/** The answer of a taking that finds these. */
export function found(...events: readonly EventRecord[]): unknown[] {
  const jobs = events.map((event) => jobAnswer(event.key, JSON.stringify(toJobData(event))))
  return [jobs, 1_000, -1, 0, []]
}

export function jobAnswer(key: string, data: string, progress: Partial<JobProgress> = {}): unknown[] {
  return [key.replaceAll(':', '|'), data, toJobProgress(progress), 0, 0, 0, '', 0]
}

/** Lets what is under way go on, for some turns of the event loop. */
export async function goOn(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}
