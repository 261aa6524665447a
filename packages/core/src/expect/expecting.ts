import { ConfigurationError } from '../contracts/errors.ts'
import { foundValue } from '../contracts/found-value.ts'
import type { Consumer } from '../contracts/inbox/handling.ts'
import { type EventPage, type EventState, type EventSummary, eventStates } from '../contracts/inbox/inbox.ts'
import type { DrainOptions } from '../contracts/receiver/drain.ts'
import type {
  Expectation,
  Expectations,
  ExpectOptions,
  OverdueHandler,
  OverdueThing,
} from '../contracts/receiver/expect.ts'
import type { HandlerOptions } from '../contracts/receiver/handler.ts'
import { isIdleBefore } from '../handle/consume/drain.ts'
import { Handlers } from '../handle/handlers.ts'
import { memoryNotes } from '../memory/memory-notes.ts'
import { assertOptions } from '../options/option-table.ts'
import { outsideRequests } from '../time/async-context.ts'
import { allEnded } from '../time/awaitable.ts'
import { notesInTime } from '../time/deadlines.ts'
import { timersEndWithRequest } from '../time/timers-end-with-request.ts'
import { type ExpectingTools, expectationWork, hasEnded } from './due-expectation.ts'
import {
  expectationType,
  expectedSource,
  type KeptExpectation,
  toExpectation,
  toRecord,
} from './expectation-record.ts'
import { ExpectationTotals } from './expectation-totals.ts'

export interface ExpectingOptions extends Omit<ExpectingTools, 'handlers' | 'totals'> {
  readonly dedupeWindow: number
  /** Whether this process handles events. */
  readonly consume: boolean
  readonly concurrency: number
  readonly keepParkedFor: number
  readonly maxParkedBytes: number
}

const mostListed = 100
/** Of one state. Each looks at thousands of events. */
const mostCalls = 20
/** How long a turn waits until it is counted. */
const countMs = 5_000
/** How much of a drain's time a provider may use that does not answer. In the rest its silence is told. */
const askingShare = 0.75
const known: Record<keyof ExpectOptions, true> = { within: true, tenant: true, list: true }

/** Keeps the expectations of an application, and handles those whose time is over. Only processes that have handlers for them do so. */
export class Expecting {
  readonly #options: ExpectingOptions
  readonly #tools: ExpectingTools
  #consumer: Consumer | undefined
  /** The consumers of drains. */
  readonly #drains = new Set<Consumer>()
  #hasBegun = false
  #hasWarned = false
  #isStopped = false

  constructor(options: ExpectingOptions) {
    this.#options = options
    const { inbox, name, clock } = options
    const notes = notesInTime(inbox.notes ?? memoryNotes(() => clock.elapsed()), countMs, clock)
    const totals = new ExpectationTotals(notes, name, clock)
    this.#tools = { ...options, totals, handlers: new Handlers(inbox.durable) }
  }

  /** This process's handlers for overdue expectations. */
  get handlers(): Handlers {
    return this.#tools.handlers
  }

  get isSeenTo(): boolean {
    return !this.handlers.isEmpty
  }

  /** @throws {ConfigurationError} for a time that can't be kept, and where no event type ends a thing. */
  async expect(subject: string, options: ExpectOptions): Promise<'waiting' | 'fulfilled'> {
    assertOptions(options, known, 'expect')
    const { within, tenant, list } = options
    const { name, clock, provider, observe } = this.#options
    for (const [option, value] of Object.entries({ tenant, list }))
      if (value !== undefined && (typeof value !== 'string' || value === ''))
        throw new ConfigurationError(
          `expect: ${option} is ${foundValue(value)}; it must be a string that is not empty`,
        )
    this.#assertExpectable(subject, within)
    if (await hasEnded({ subject, tenant }, this.#options)) {
      observe('fulfilled', () => ({ provider: provider.name, source: name, tenant, subject }))
      await this.#tools.totals.add('fulfilled')
      return 'fulfilled'
    }
    const expectedAt = clock.now()
    await this.#keep({ subject, tenant, list, expectedAt, dueAt: expectedAt + within })
    this.#warnOfNobody()
    return 'waiting'
  }

  onOverdue(handler: OverdueHandler, options: HandlerOptions | undefined): void {
    if (typeof handler !== 'function')
      throw new ConfigurationError(`onOverdue needs a function, got ${typeof handler}`)
    const handle: Parameters<Handlers['add']>[1] = (event, context) =>
      handler(event.data as OverdueThing, context)
    this.#tools.handlers.add(expectationType, handle, options, 'onOverdue')
    if (this.#hasBegun || this.#options.consume) this.#tryToBegin() // by itself, as there may be no handler of events here
  }

  async list(): Promise<Expectations> {
    const { inbox, name } = this.#options
    const counts = await inbox.counts({ source: expectedSource(name) })
    const { dead, handled: _, ...open } = counts
    const { fulfilled, overdue, since } = await this.#tools.totals.read()
    const listed = eventStates.map((state) => this.#listed(state, counts[state]))
    const found = (await Promise.all(listed)).flat().map(toExpectation)
    const items = [...new Map(found.map((item) => [item.key, item])).values()] // an expectation may change its state meanwhile
    const isOpen = ({ state }: Expectation) => state === 'waiting' || state === 'failed'
    return {
      waiting: Object.values(open).reduce((sum, count) => sum + count, 0),
      failed: dead,
      ...{ fulfilled, overdue, countedSince: since === undefined ? undefined : new Date(since) },
      items: [...items.filter(isOpen).slice(0, mostListed), ...items.filter((item) => !isOpen(item))],
    }
  }

  /** A store may look at so many events in a call, also of other sources, and find none. So those that it has counted are looked for in several. */
  async #listed(state: EventState, count: number): Promise<readonly EventSummary[]> {
    const { inbox, name } = this.#options
    const source = expectedSource(name)
    const filter = { source, state, limit: mostListed, newestFirst: state === 'handled' }
    const items: EventSummary[] = []
    let page: EventPage = await inbox.list(filter)
    for (let calls = 1; ; calls++) {
      items.push(...page.items)
      if (items.length >= Math.min(count, mostListed) || page.cursor === undefined || calls === mostCalls)
        return items.slice(0, mostListed)
      page = await inbox.list({ ...filter, cursor: page.cursor })
    }
  }

  /** Called when this process begins to handle events, or to see to expectations. It handles them as soon as it has a handler for overdue ones. */
  begin(): void {
    this.#hasBegun = true
    if (!this.#isStopped && !this.#consumer && this.isSeenTo && !timersEndWithRequest())
      this.#consumer = outsideRequests(() => this.#consume())
  }

  /** Registering a handler does not fail, as where events are handled. */
  #tryToBegin(): void {
    try {
      this.begin()
    } catch (err) {
      this.#options.logger.error(
        { err },
        "this receiver can't begin to look for what is overdue: it tells nobody",
      )
    }
  }

  /** Handles the expectations that are due, in this call. Answers whether some may be left, as its time was over. */
  async drain({ maxMs, signal }: Required<DrainOptions>): Promise<boolean> {
    if (this.#isStopped || !this.isSeenTo) return false
    if (signal.aborted) return true
    const consumer = this.#consume({ signal, mostAskMs: maxMs * askingShare })
    this.#drains.add(consumer)
    const isIdle = await isIdleBefore(signal, consumer)
    await consumer.stop()
    this.#drains.delete(consumer)
    return !isIdle
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await allEnded([this.#consumer, ...this.#drains].map(async (consumer) => consumer?.stop()))
  }

  /** A subject that is expected again while it waits is still one expectation. Once its time is over, it can be expected again. */
  async #keep(expectation: KeptExpectation): Promise<void> {
    const { name, inbox, dedupeWindow } = this.#options
    for (let round = 1; ; round++) {
      const record = await toRecord(name, expectation, round)
      const { outcome } = await inbox.put(record, { rememberMs: dedupeWindow })
      if (outcome === 'accepted' || (await this.#waits(record.key))) return
    }
  }

  async #waits(key: string): Promise<boolean> {
    const kept = await this.#options.inbox.get(key)
    return kept !== undefined && kept.state !== 'dead' && kept.createdAt > this.#options.clock.now()
  }

  #warnOfNobody(): void {
    if (this.isSeenTo || this.#hasWarned || !this.#options.consume) return
    this.#hasWarned = true
    const { logger, provider } = this.#options
    logger.warn(
      { provider: provider.name },
      'something is expected, and no onOverdue handler is registered: nobody looks after it, unless another process on this inbox has one',
    )
  }

  #consume(drain?: ExpectingTools['drain']): Consumer {
    const { inbox, name, concurrency, handlerTimeout, logger, running } = this.#options
    const { keepParkedFor, maxParkedBytes } = this.#options
    return inbox.consume(expectationWork({ ...this.#tools, drain }), {
      source: expectedSource(name),
      concurrency,
      handlerTimeout,
      logger,
      wanted: () => ({ types: [expectationType], others: 'park' }),
      parking: { keepMs: keepParkedFor, maxBytes: maxParkedBytes },
      running: () => running.keys,
      isPaused: () => drain?.signal.aborted === true || this.#tools.isStopping(),
      report: () => {},
    })
  }

  #assertExpectable(subject: unknown, within: unknown): void {
    const { provider, inbox, dedupeWindow } = this.#options
    if (typeof subject !== 'string' || subject === '')
      throw new ConfigurationError(
        `expect: the subject is ${subject === '' ? 'empty' : typeof subject}; it must be the id of what was started`,
      )
    if (typeof within !== 'number' || !(within > 0) || !(within < dedupeWindow))
      throw new ConfigurationError(
        `expect: within is ${foundValue(within)}; it must be a number of milliseconds above 0, and under dedupeWindow (${dedupeWindow} ms), as otherwise an event could be forgotten before the time is over`,
      )
    if (provider.endings.size === 0)
      throw new ConfigurationError(
        `expect: the definition of ${provider.name} does not say which of its events end a thing; give it endings, and readEnvelope a subject`,
      )
    if (inbox.knows === undefined)
      throw new ConfigurationError(
        `expect: the ${inbox.name} inbox can't be asked which events it knows: it has no method knows`,
      )
  }
}
