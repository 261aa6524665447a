import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Legacy, ParkingReport, Progress, Verdict } from '@hookport/core'
import type { EventStore, TakeRequest, Taking } from '@hookport/core/inbox-kit'
import type { Database } from '../connection/database.ts'
import type { Drawn } from '../connection/gather.ts'
import { isAboutData } from '../connection/kinds-of-error.ts'
import { encodeJson, nameOf } from '../events/event-row.ts'
import { lineOf, nameOfLine, OrderLines } from '../events/order-lines.ts'
import type { Statement } from '../layout/stored-statement.ts'
import type { Puts } from '../put/puts.ts'
import type { Pace } from './pace.ts'
import { ParkedLimits } from './parked-limits.ts'
import { type StateRow, type TakenRow, type Takings, takeStatements, takeWaitingSql } from './take-sql.ts'
import { type LeasedEvent, type Told, toLeasedEvent } from './taken-event.ts'
import { checkpointSql, giveBackSql, renewSql } from './verdict-sql.ts'
import { Verdicts } from './verdicts.ts'
import { WaitingLines } from './waiting-lines.ts'
import { WantedTypes } from './wanted-types.ts'

/** The store of one consumer. */
export class PostgresStore implements EventStore {
  readonly #database: Database
  readonly #pace: Pace
  readonly #onTaken: () => void
  readonly #parked: ParkedLimits
  readonly #types: WantedTypes
  readonly #takings: Takings
  readonly #takeWaitingSql: string
  readonly #verdicts: Verdicts
  readonly #lines: OrderLines
  readonly #waitingLines: WaitingLines
  /** Whether, at the last query, any waiting event was wanted, and whether these come first now. This alternates, so that neither kind starves the other. */
  #anyWaits = false
  #waitingFirst = false
  /** What was parked, dropped or expired, and was not reported yet. */
  readonly #reports: ParkingReport[] = []
  /** Tokens of steps whose events were not handed out: the answer was lost, or what came after it failed. Nothing works on these events. */
  readonly #unfinished = new Set<string>()

  /** @param onTaken is called after every taking. */
  constructor(database: Database, source: string, puts: Puts, pace: Pace, onTaken: () => void) {
    const { layout } = database
    this.#database = database
    this.#pace = pace
    this.#onTaken = onTaken
    this.#parked = new ParkedLimits(database, source)
    this.#types = new WantedTypes(database)
    this.#takings = takeStatements(layout)
    this.#takeWaitingSql = takeWaitingSql(layout)
    this.#verdicts = new Verdicts(database, puts)
    this.#lines = new OrderLines(layout)
    this.#waitingLines = new WaitingLines(database)
  }

  async take(ask: () => TakeRequest): Promise<Taking> {
    this.#verdicts.holdBack()
    try {
      return await this.#take(ask)
    } finally {
      this.#verdicts.letGo()
      this.#onTaken() // its connection is free again: what is done now needs no other one
    }
  }

  async #take(ask: () => TakeRequest): Promise<Taking> {
    if (this.#unfinished.size > 0) await this.#giveBack(ask().source)
    this.#reports.push(...(await this.#parked.expire(ask().parking)))
    await this.#types.learn(ask().wanted)
    await nextTurn() // verdicts of this turn of the event loop go with the taking
    const { taken, ...left } = await this.#takeInSteps(ask)
    const events = await this.#withNewest(taken)
    for (const { token } of events) this.#unfinished.delete(token)
    const reports = this.#reports.splice(0)
    if (events.length + reports.length > 0) this.#pace.sawWork()
    else this.#pace.sawNone()
    return { events, reports, ...left, ...(this.#unfinished.size > 0 && { nextDueMs: 0 }) }
  }

  /** If a step fails, what the step before it took is handed out all the same. */
  async #takeInSteps(ask: () => TakeRequest): Promise<WhatIsLeft & { taken: LeasedEvent[] }> {
    const taken: LeasedEvent[] = []
    let left: WhatIsLeft | undefined
    let isMore = false
    for (const takeSome of this.#steps()) {
      try {
        const { state, rows, token, ...waiting } = await takeSome(ask, taken)
        for (const row of rows) if (row.outcome === 'taken') taken.push(toLeasedEvent(row, token, state.now))
        this.#reports.push(...rows.flatMap(reportOf))
        if (rows.some(({ outcome }) => outcome === 'parked')) this.#parked.parkedMore()
        left = whatIsLeft(state)
        isMore ||= waiting.mayMoreWait === true
        this.#anyWaits = state.any_waits
      } catch (error) {
        if (!left || taken.length === 0) throw error
        return { taken, ...left, nextDueMs: 0 } // the next taking begins with the other step, and meets the error again if it lasts
      }
    }
    return { taken, ...(left as WhatIsLeft), ...(isMore && { nextDueMs: 0 }) }
  }

  /** Adds what earlier verdicts have left to the events. Asks nothing where no event has an order key. */
  async #withNewest(events: LeasedEvent[]): Promise<LeasedEvent[]> {
    const lines = events.flatMap(({ event }) => lineOf(event) ?? [])
    if (lines.length === 0) return events
    const newest = await this.#lines.newestOf((sql, values) => this.#database.ask(sql, values), lines)
    if (newest.size === 0) return events
    return events.map((taken) => {
      const line = lineOf(taken.event)
      return line ? { ...taken, newest: newest.get(nameOfLine(line)) } : taken
    })
  }

  /** Takes due events, and waiting events that are wanted now, if there are any: the step before says so. */
  *#steps(): Generator<(ask: () => TakeRequest, taken: readonly LeasedEvent[]) => Promise<Taken>> {
    const takeDue = this.#takeDue.bind(this)
    const takeWaiting = this.#takeWaiting.bind(this)
    this.#waitingFirst = this.#anyWaits && !this.#waitingFirst
    if (this.#waitingFirst) yield takeWaiting
    yield takeDue
    if (!this.#waitingFirst && this.#anyWaits) yield takeWaiting
  }

  renew(events: readonly LeasedEvent[], leaseMs: number): Promise<readonly boolean[]> {
    return this.#database
      .write<{ held: boolean }>(renewSql(this.#database.layout), [
        events.map(({ sequence }) => sequence),
        events.map(({ token }) => token),
        leaseMs,
      ])
      .then((answers) => answers.map(({ held }) => held))
  }

  async checkpoint(
    { sequence, token, event }: LeasedEvent,
    progress: Progress,
    legacy?: Legacy,
  ): Promise<boolean> {
    const newest = legacy ? encodeJson(legacy.newest) : null
    const left = [event.source, lineOf(event)?.order_key ?? null, newest, legacy?.rememberMs ?? 0]
    const values = [sequence, token, encodeJson(progress), ...left]
    const [answer] = await this.#database.write<{ held: boolean }>(
      checkpointSql(this.#database.layout),
      values,
    )
    return answer?.held === true
  }

  conclude(taken: LeasedEvent, verdict: Verdict): Promise<boolean> {
    if (verdict.outcome === 'park') this.#parked.parkedMore()
    return this.#verdicts.tell(taken, verdict)
  }

  /** Waiting verdicts go with it, in one step, as a consumer that has finished work asks for more. */
  async #takeDue(ask: () => TakeRequest, taken: readonly LeasedEvent[]): Promise<Taken> {
    let told: Drawn<Told, boolean> | undefined
    const statementOf = ({ wanted }: TakeRequest) => {
      told ??= this.#verdicts.draw()
      this.#verdicts.letGo()
      return this.#takings[wanted.types === 'all' ? 'all' : wanted.others][told ? 'withVerdicts' : 'alone']
    }
    try {
      const answer = await this.#ask(ask, taken, statementOf, () =>
        told ? this.#verdicts.valuesOf(told.items) : [],
      )
      told?.resolve([...(answer.state.held ?? '')].map((held) => held === '1'))
      return answer
    } catch (error) {
      told?.reject(error)
      if (told && isAboutData(error)) return this.#takeDue(ask, taken)
      throw error
    }
  }

  async #takeWaiting(ask: () => TakeRequest, taken: readonly LeasedEvent[]): Promise<Taken> {
    const waiting = ask()
    const mayMoreWait = await this.#waitingLines.lineUp(waiting, this.#types.of(waiting.wanted))
    const answer = await this.#ask(
      () => {
        const request = ask()
        return request.alone ? { ...request, limit: 0 } : request
      },
      taken,
      () => this.#takeWaitingSql,
    )
    return { ...answer, mayMoreWait }
  }

  /** The free capacity is read once there is a connection. */
  async #ask(
    ask: () => TakeRequest,
    taken: readonly LeasedEvent[],
    statementOf: (request: TakeRequest) => Statement,
    more: () => unknown[] = () => [],
  ): Promise<Taken> {
    let token: string | undefined
    let request: TakeRequest | undefined
    const [state, ...rows] = (await this.#database.write(
      () => {
        request = ask()
        return statementOf(request)
      },
      () => {
        token = randomUUID()
        this.#unfinished.add(token)
        return [...this.#valuesOf(request as TakeRequest, taken, token), ...more()]
      },
    )) as [StateRow, ...TakenRow[]]
    if (!rows.some(({ outcome }) => outcome === 'taken')) this.#unfinished.delete(token as string)
    return { state, rows, token: token as string }
  }

  #valuesOf(
    { source, limit, running, wanted, leaseMs, alone }: TakeRequest,
    taken: readonly LeasedEvent[],
    token: string,
  ): unknown[] {
    const most = Math.max(0, (alone ? Math.min(limit, 1) : limit) - taken.length)
    const out = [...running, ...taken.map(({ event }) => event.key)] // leases of an earlier step may have run out by now
    return [source, most, out, this.#types.of(wanted), token, leaseMs, alone]
  }

  /** Ends the leases of events that were not handed out, so that they need not wait for the leases. */
  async #giveBack(source: string): Promise<void> {
    const tokens = [...this.#unfinished]
    await this.#database.write(giveBackSql(this.#database.layout), [source, tokens])
    for (const token of tokens) this.#unfinished.delete(token)
  }
}

interface Taken {
  readonly state: StateRow
  readonly rows: readonly TakenRow[]
  readonly token: string
  /** Whether events that wait for a handler may not have been put in their lines yet. */
  readonly mayMoreWait?: boolean
}

type WhatIsLeft = Pick<Taking, 'now' | 'nextDueMs' | 'aloneIsDue'>

function whatIsLeft({ now, next_due_at, alone_is_due: aloneIsDue }: StateRow): WhatIsLeft {
  const nextDueMs = next_due_at === null ? undefined : Math.max(0, next_due_at - now)
  return { now, nextDueMs, aloneIsDue }
}

function reportOf(row: TakenRow): ParkingReport[] {
  const { outcome } = row
  return outcome === 'parked' || outcome === 'dropped' ? [{ event: nameOf(row), outcome }] : []
}
