import type { Clock } from '../contracts/clock.ts'
import { ConfigurationError } from '../contracts/errors.ts'
import type { Inbox, ListFilter } from '../contracts/inbox/inbox.ts'
import { isNamed, type RedriveOptions } from '../contracts/inbox/progress.ts'
import type { Observe } from '../contracts/receiver/observers.ts'
import type { Pause, PauseRequest } from '../contracts/receiver/pause.ts'
import type { RedriveFilter } from '../contracts/receiver/receiver.ts'
import type { ReplayProgress, ReplayRequest } from '../contracts/receiver/replay.ts'
import { assertFitting, assertOptions, orLeftOut, type Wanted, yesOrNo } from '../options/option-table.ts'
import { nextTurn } from '../time/soon.ts'
import type { Handlers } from './handlers.ts'
import { assertPauseRequest, pausedHandling, pauseHandling, resumeHandling } from './pause/pause-note.ts'
import type { Pauses } from './pause/pauses.ts'
import { assertReplayRequest, replayEvents } from './replay-events.ts'

interface OperatorTools {
  readonly inbox: Inbox
  /** Name of the receiver. */
  readonly name: string
  readonly clock: Required<Clock>
  readonly observe: Observe
  readonly handlers: Handlers
  /** The handlers for overdue expectations. They can be paused too. */
  readonly overdue: Handlers
  readonly pauses: Pauses
}

/** A misspelt option would be ignored, and more events would be affected than was meant. */
const redriveOptions: Readonly<Record<keyof RedriveOptions, Wanted>> = orLeftOut({
  again: yesOrNo(false),
  force: yesOrNo(false),
})
const redriveFilter: Record<keyof RedriveFilter, true> = {
  tenant: true,
  type: true,
  receivedFrom: true,
  receivedBefore: true,
}

const pageSize = 500

/** What an operator can do with the events of a receiver. */
export class Operator {
  readonly #tools: OperatorTools

  constructor(tools: OperatorTools) {
    this.#tools = tools
  }

  async redrive(key: string, options?: RedriveOptions): Promise<boolean> {
    assertRedriveOptions(options, 'redrive')
    if (typeof key !== 'string')
      throw new ConfigurationError(`redrive needs the key of an event, a string; got ${typeof key}`)
    const redriven = await this.#tools.inbox.redrive(key, options)
    if (redriven) this.#tools.observe('redriven', () => ({ key }))
    return redriven
  }

  async redriveAll(filter: RedriveFilter, options?: RedriveOptions): Promise<number> {
    const { inbox, name } = this.#tools
    assertOptions(filter, redriveFilter, 'redriveAll')
    assertRedriveOptions(options, 'redriveAll')
    let redriven = 0
    for (const [index, key] of (await allKeys(inbox, { ...filter, source: name, state: 'dead' })).entries()) {
      if (index % pageSize === 0) await nextTurn()
      if (await this.redrive(key, options)) redriven += 1
    }
    return redriven
  }

  async replay(request: ReplayRequest): Promise<ReplayProgress> {
    assertReplayRequest(request)
    const { inbox, name, clock, observe, handlers } = this.#tools
    const isFor = typesOfHandler(request.handler, handlers)
    const onReplayed = (key: string) => observe('replayed', () => ({ key }))
    return replayEvents(request, { inbox, source: name, clock, isFor, onReplayed })
  }

  async pause(request: PauseRequest): Promise<void> {
    assertPauseRequest(request, 'pause')
    const { inbox, name, clock, pauses, handlers, overdue } = this.#tools
    if (request.handler) assertHandlerNamed(request.handler, 'pause', handlers, overdue.names)
    await pauseHandling(inbox, name, request, clock.now())
    await pauses.look()
  }

  /** The handler need not exist: an earlier deploy may have had it. */
  async resume(request: Partial<PauseRequest>): Promise<void> {
    assertPauseRequest(request, 'resume')
    const { handler } = request
    const { inbox, name, pauses } = this.#tools
    await resumeHandling(inbox, name, handler)
    await pauses.look()
  }

  paused(): Promise<readonly Pause[]> {
    return pausedHandling(this.#tools.inbox, this.#tools.name)
  }
}

function assertRedriveOptions(options: RedriveOptions | undefined, call: string): void {
  if (options === undefined) return
  assertOptions(options, redriveOptions, call)
  assertFitting(redriveOptions, options, `${call}: `)
}

/** The keys of a whole list. They are collected before anything is redriven, as a redriven event leaves the list. */
async function allKeys(inbox: Inbox, filter: ListFilter): Promise<string[]> {
  const keys: string[] = []
  let cursor: string | undefined
  do {
    const page = await inbox.list({ ...filter, limit: pageSize, ...(cursor !== undefined && { cursor }) })
    await nextTurn() // a list of a store in this process is there at once
    keys.push(...page.items.map(({ key }) => key))
    cursor = page.cursor
  } while (cursor !== undefined)
  return keys
}

/**
 * The types of the handler that a replay names. A process without handlers can't know them, so it takes every type.
 *
 * @throws {ConfigurationError} where there are handlers, but none of that name.
 */
function typesOfHandler(
  called: string | undefined,
  handlers: Handlers,
): (event: { type: string }) => boolean {
  if (called === undefined || handlers.isEmpty) return () => true
  assertHandlerNamed(called, 'replay', handlers)
  return ({ type }) => handlers.of(type).handlers.some(({ name }) => isNamed(name, called))
}

/**
 * Nothing is checked in a process that has no handlers.
 *
 * @throws {ConfigurationError} where there are handlers, but none of that name.
 */
function assertHandlerNamed(
  called: string,
  what: 'replay' | 'pause',
  handlers: Handlers,
  others: readonly string[] = [],
): void {
  const names = [...handlers.names, ...others]
  if (handlers.isEmpty || names.some((name) => isNamed(name, called))) return
  throw new ConfigurationError(
    `${what}: no handler is named ${JSON.stringify(called)}; the handlers are ${names.join(', ')}`,
  )
}
