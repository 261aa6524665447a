import type { Clock } from '../contracts/clock.ts'
import type { EventSummary, Inbox, ListFilter } from '../contracts/inbox/inbox.ts'
import type { ReplayProgress, ReplayRequest } from '../contracts/receiver/replay.ts'
import {
  abortSignal,
  assertFitting,
  assertOptions,
  callback,
  orLeftOut,
  positiveOrInfinite,
  text,
  type Wanted,
  wholeNumber,
  yesOrNo,
} from '../options/option-table.ts'
import { nextTurn } from '../time/soon.ts'
import { completeClock } from '../time/system-clock.ts'

/** At most this many events are made pending at once, and at most a tenth of a second's share, so that there is no burst. */
const [stepSize, stepsPerSecond, pageSize] = [16, 10, 500]

const underWay = ['pending', 'scheduled', 'active'] as const

/** What a replay needs. */
export interface ReplayTools {
  /** Where the handled events are kept. */
  readonly inbox: Pick<Inbox, 'list' | 'replay'>
  /** Only events of this source. */
  readonly source?: string | undefined
  /** For tests. Defaults to the clock of the system. */
  readonly clock?: Clock
  /** Whether an event is for the handler that the replay names. Left out, every one is. */
  isFor?(event: EventSummary): boolean
  /** Called for every event that was made pending. */
  onReplayed?(key: string): void
}

/**
 * Makes handled events pending again, at a pace that leaves room for other events. Its progress is kept in the events themselves: it can be killed at
 * any moment, and called again with the same `id`.
 *
 * @throws {ConfigurationError} for options that can't work.
 */
export async function replayEvents(request: ReplayRequest, tools: ReplayTools): Promise<ReplayProgress> {
  const replay = new Replay(checkedRequest(request), tools)
  const filter = filterOf(request, tools.source, completeClock(tools.clock).now())
  await replay.lookForOthers(filter)
  do
    for await (const page of pagesOf(tools.inbox, filter))
      if (!(await replay.go(page))) return replay.progress
  while (replay.wantsAnotherLook())
  await replay.lookForOthers(filter)
  await replay.end()
  return replay.progress
}

class Replay {
  readonly #request: ReturnType<typeof checkedRequest>
  readonly #tools: ReplayTools
  readonly #pace: Pace
  #replayed = 0
  #passedOver = 0
  #isComplete = false
  /** Whether another replay is still handling some of the events, so that this one could not make them pending. */
  #metOthers = false
  /** How many it had replayed when it last began to read the events again. */
  #replayedBefore: number | undefined

  constructor(request: ReturnType<typeof checkedRequest>, tools: ReplayTools) {
    this.#request = request
    this.#tools = tools
    this.#pace = new Pace(request.perSecond, completeClock(tools.clock))
  }

  get progress(): ReplayProgress {
    const { id } = this.#request
    return { id, replayed: this.#replayed, passedOver: this.#passedOver, isComplete: this.#isComplete }
  }

  /**
   * Events that another replay was handling earlier may be done by now. So it reads them again, until it finds nothing more, as several replays may
   * be in the way.
   */
  wantsAnotherLook(): boolean {
    const foundAny = this.#replayed !== this.#replayedBefore
    this.#replayedBefore = this.#replayed
    return foundAny && !this.#request.dryRun
  }

  /** An event that another replay has made pending is not a handled event until it is handled. */
  async lookForOthers(filter: ListFilter): Promise<void> {
    if (this.#request.dryRun) return
    for (const state of underWay)
      for await (const page of pagesOf(this.#tools.inbox, { ...filter, state })) {
        this.#metOthers ||= page.some((event) => this.#isOthers(event))
        if (this.#metOthers) return
      }
  }

  #isOthers(event: EventSummary): boolean {
    const { isFor = () => true } = this.#tools
    const { replayedBy } = event.progress
    return replayedBy !== undefined && !replayedBy.includes(this.#request.id) && isFor(event)
  }

  async end(): Promise<void> {
    this.#isComplete = !this.#metOthers
    await this.#request.onProgress?.(this.progress)
  }

  /** False where the replay stops here: its limit is reached, or it was aborted. */
  async go(page: readonly EventSummary[]): Promise<boolean> {
    const { id, limit, perSecond, signal } = this.#request
    const most = Math.min(stepSize, Math.max(1, Math.floor(perSecond / stepsPerSecond)))
    const { isFor = () => true } = this.#tools
    const looksAgain = this.#replayedBefore !== undefined
    const open = page.filter((event) =>
      looksAgain ? this.#isOthers(event) : !event.progress.replayedBy?.includes(id) && isFor(event),
    )
    if (!looksAgain) this.#passedOver += page.length - open.length
    for (let at = 0; at < open.length; ) {
      const step = open.slice(at, at + Math.min(most, limit - this.#replayed))
      if (step.length === 0 || signal?.aborted) return false
      await this.#take(step)
      at += step.length
    }
    return true
  }

  async #take(step: readonly EventSummary[]): Promise<void> {
    const { id, handler, again, dryRun, onProgress, signal } = this.#request
    const { inbox, onReplayed } = this.#tools
    const replay = async ({ key }: EventSummary) => {
      if (dryRun) return true
      const isReplayed = await inbox.replay(key, { id, handler, again })
      if (isReplayed) onReplayed?.(key)
      return isReplayed
    }
    const done = await Promise.all(step.map(replay))
    const count = done.filter(Boolean).length
    this.#replayed += count
    this.#passedOver += step.length - count
    if (count < step.length) this.#metOthers = true
    await onProgress?.(this.progress) // what it rejects with is the caller's, as what it throws
    if (!dryRun) await this.#pace.after(count, signal)
  }
}

async function* pagesOf(
  inbox: Pick<Inbox, 'list'>,
  filter: ListFilter,
): AsyncGenerator<readonly EventSummary[]> {
  let cursor: string | undefined
  do {
    const page = await inbox.list({ ...filter, limit: pageSize, ...(cursor !== undefined && { cursor }) })
    await nextTurn() // a list of a store in this process is there at once
    yield page.items
    cursor = page.cursor
  } while (cursor !== undefined)
}

/** Events that arrive while it runs are handled by today's handlers anyway, and would keep the replay from ending. */
function filterOf(request: ReplayRequest, source: string | undefined, now: number): ListFilter {
  const { from, to = now + 1, type, tenant } = request
  return {
    state: 'handled',
    ...(source !== undefined && { source }),
    ...(type !== undefined && { type }),
    ...(tenant !== undefined && { tenant }),
    ...(from !== undefined && { receivedFrom: Number(from) }),
    receivedBefore: Number(to),
  }
}

/** Lets at most this many events a second pass. Lost time is not made up for, except for one second, so that a slow store is not flooded afterwards. */
class Pace {
  readonly #perSecond: number
  readonly #clock: Required<Clock>
  /** When the next event may pass. */
  #nextAt: number

  constructor(perSecond: number, clock: Required<Clock>) {
    this.#perSecond = perSecond
    this.#clock = clock
    this.#nextAt = clock.elapsed()
  }

  async after(count: number, signal: AbortSignal | undefined): Promise<void> {
    const now = this.#clock.elapsed()
    this.#nextAt = Math.max(this.#nextAt, now - 1_000) + (1_000 * count) / this.#perSecond
    const waitMs = this.#nextAt - now
    if (waitMs <= 0 || signal?.aborted) return
    await new Promise<void>((resolve) => {
      const end = () => {
        cancelTimer()
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const cancelTimer = this.#clock.after(waitMs, end)
      signal?.addEventListener('abort', end)
    })
  }
}

const instant: Wanted = {
  wanted: 'a Date, or milliseconds since 1970',
  fits: (value) => (typeof value === 'number' || value instanceof Date) && !Number.isNaN(Number(value)),
}

const fields: Readonly<Record<keyof ReplayRequest, Wanted>> = orLeftOut({
  from: instant,
  to: instant,
  type: text,
  tenant: text,
  handler: text,
  limit: {
    wanted: 'a whole number of 1 or more',
    fits: (value) => value === Number.POSITIVE_INFINITY || wholeNumber(1).fits(value),
  },
  again: yesOrNo(false),
  perSecond: positiveOrInfinite(100),
  id: {
    wanted: '1 to 100 letters, digits and ._:-',
    fits: (value) => typeof value === 'string' && /^[A-Za-z0-9._:-]{1,100}$/.test(value),
  },
  dryRun: yesOrNo(false),
  onProgress: callback,
  signal: abortSignal,
})

/**
 * With a misspelt option more would be replayed than was meant, and with a value of another kind more than once.
 *
 * @throws {ConfigurationError}
 */
export function assertReplayRequest(request: ReplayRequest): void {
  assertOptions(request, fields, 'replay')
  assertFitting(fields, request, 'replay: ')
}

function checkedRequest(request: ReplayRequest) {
  assertReplayRequest(request)
  const {
    id = crypto.randomUUID(),
    limit = Number.POSITIVE_INFINITY,
    perSecond = 100,
    dryRun = false,
  } = request
  return { ...request, id, limit, perSecond, dryRun }
}
