import type {
  Attempt,
  ConsumeOptions,
  Consumer,
  EventRecord,
  Inbox,
  Lease,
  Verdict,
  Wanted,
} from '@hookport/core'
import { inAnotherProcess } from '@hookport/core/testing'
import { consumingAll, done } from '@hookport/testkit/inbox/attempts'
import { type Call, type History, ids, type Sketch } from './inbox-calls.ts'

interface Turn {
  readonly attempt: Attempt
  conclude(verdict: Verdict): void
}

type Told = Extract<Call, { call: 'conclude' }>['verdict']

/** Plays a history on an inbox, of which it consumes one source. All of a source's events are handled at once, each until a call concludes it. */
export class Player {
  readonly #inbox: Inbox
  readonly #source: string
  readonly #aliases: History['aliases']
  readonly #consumer: Consumer
  readonly #turns = new Map<string, Turn>()
  readonly #leases: { readonly lease: Lease; readonly event: EventRecord }[] = []
  readonly #reports: string[] = []
  #begun = 0
  #wanted: Wanted = { types: 'all', others: 'park' }
  isPaused = false

  constructor(inbox: Inbox, source: string, aliases: History['aliases']) {
    this.#inbox = inbox
    this.#source = source
    this.#aliases = aliases
    const options: ConsumeOptions = {
      ...consumingAll,
      source,
      wanted: () => this.#wanted,
      isPaused: () => this.isPaused,
      report: ({ outcome, event: { id } }) => this.#reports.push(`${outcome} ${id}`),
    }
    this.#consumer = inAnotherProcess(() => inbox.consume((attempt) => this.#begin(attempt), options))
  }

  #begin(attempt: Attempt): Promise<Verdict> {
    const { id } = attempt.event
    this.#begun += 1
    if (this.#turns.has(id)) throw new Error(`${id} was handed out twice at once`)
    return new Promise((resolve) => {
      const conclude = (verdict: Verdict) => {
        this.#turns.delete(id)
        resolve(verdict)
      }
      this.#turns.set(id, { attempt, conclude })
    })
  }

  /** Answers what the inbox has answered, as far as all inboxes agree. Null where there is nothing that the call could be about. */
  async play(call: Call): Promise<unknown> {
    const inbox = this.#inbox
    switch (call.call) {
      case 'put':
      case 'claim':
        return this.#takeOn(call)
      case 'redrive':
        return inbox.redrive(this.#name(call.id), call)
      case 'replay':
        return inbox.replay(this.#name(call.id), { ...call, id: call.by })
      case 'discard':
        return inbox.discard(this.#name(call.id))
      case 'want':
        if (this.isPaused) return null // some find at once what waits, and others once they go on
        this.#wanted = call
        return this.#consumer.wake()
      case 'pause':
        this.isPaused = !this.isPaused
        return this.#consumer.wake()
      case 'pass':
        return null
      case 'conclude':
      case 'checkpoint':
        return this.#go(call)
      default:
        return this.#settle(call)
    }
  }

  async #takeOn(call: Extract<Call, { call: 'put' | 'claim' }>): Promise<unknown> {
    const event = this.#toEvent(call.event)
    if (call.call === 'put') return asAgreed(await this.#inbox.put(event, call), event)
    const delivered = { ...event, origin: 'delivery' } as const
    const claim = await this.#inbox.claim(delivered, call)
    if (claim.outcome !== 'claimed') return asAgreed(claim, delivered)
    this.#leases.push({ lease: claim.lease, event: delivered })
    const { attempt, progress } = claim.lease
    return { outcome: claim.outcome, attempt, progress }
  }

  #settle(call: Extract<Call, { call: 'renew' | 'confirm' | 'release' | 'bury' | 'park' }>): unknown {
    const held = this.#leases[call.which % this.#leases.length]
    if (held === undefined) return null
    const { lease, event } = held
    if (call.call === 'renew') return this.#inbox.renew(lease, call.leaseMs)
    if (call.call === 'confirm') return this.#inbox.confirm(lease, event, call)
    if (call.call === 'release') return this.#inbox.release(lease, call.progress, call.attemptUsed)
    if (call.call === 'bury' || this.#wants(event)) return this.#inbox.bury(lease, event, call)
    return this.#inbox.park(lease, event, call)
  }

  async #go(call: Extract<Call, { call: 'conclude' | 'checkpoint' }>): Promise<unknown> {
    const turns = [...this.#turns.keys()].sort()
    const turn = this.#turns.get(turns[call.which % turns.length] ?? '')
    if (turn === undefined) return null
    if (call.call === 'checkpoint') return turn.attempt.checkpoint(call.progress)
    return turn.conclude(this.#verdictOn(turn.attempt.event, call.verdict))
  }

  /** What a receiver may say of it: only what it does not want is parked, and only what is unreadable is replaced, by another delivery. */
  #verdictOn(event: EventRecord, told: Told): Verdict {
    if (told.outcome === 'replace') {
      const other = this.#toEvent({ ...told.event, origin: 'delivery', unreadable: undefined })
      return event.unreadable && other.key !== event.key ? { ...told, event: other } : done
    }
    if (!this.#wants(event)) return told
    return told.outcome === 'park'
      ? done
      : { ...told, ...(told.outcome === 'retry' && { untilWanted: false }) }
  }

  #wants({ type, unreadable }: EventRecord): boolean {
    const { types } = this.#wanted
    return types === 'all' || unreadable === true || types.includes(type)
  }

  #name(name: string): string {
    return `${this.#source}:${name}`
  }

  #toEvent({
    id,
    order,
    createdAt,
    type,
    fingerprint,
    unreadable,
    orderRank = 0,
    origin,
  }: Sketch): EventRecord {
    const aliases = (this.#aliases[ids.indexOf(id)] ?? []).filter((name) => name !== id)
    const inOrder = order !== undefined && !unreadable && { orderKey: this.#name(order), orderRank }
    return {
      key: this.#name(id),
      source: this.#source,
      id,
      type: unreadable ? 'unreadable' : type,
      createdAt,
      receivedAt: 1_700_000_000_000,
      rawBody: Buffer.from(`body ${fingerprint}`),
      fingerprint,
      origin,
      ...(aliases.length > 0 && { aliases: aliases.map((name) => this.#name(name)) }),
      ...inOrder,
      ...(unreadable && { unreadable }),
    }
  }

  /** What an operator sees, what is known, and what is being handled. While nothing is handed out, inboxes differ in what they call waiting. */
  async describe(): Promise<unknown> {
    const inbox = this.#inbox
    const source = this.#source
    const stateOf = (state: string) =>
      this.isPaused && ['pending', 'parked', 'scheduled'].includes(state) ? 'waits' : state
    const kept = []
    for (const id of ids) {
      const event = await inbox.get(this.#name(id))
      if (event === undefined) continue
      const { dueAt, state, failures, ...rest } = event
      kept.push({
        ...rest,
        rawBody: String(rest.rawBody),
        state: stateOf(state),
        ...(state === 'dead' && { failures }),
      })
    }
    const counts: Record<string, number> = {}
    for (const [state, count] of Object.entries(await inbox.counts({ source })))
      counts[stateOf(state)] = (counts[stateOf(state)] ?? 0) + count
    const known = [...ids, 'first', 'second'].map((name) => inbox.knows?.([this.#name(name)]))
    const listed = await inbox.list({ source })
    const turns = [...this.#turns].sort().map(([id, { attempt }]) => {
      const { attempt: number, progress, newest, interruptions, event } = attempt
      return { id, number, progress, newest, interruptions, type: event.type }
    })
    const seen = {
      kept,
      counts,
      known: await Promise.all(known),
      turns,
      begun: this.#begun,
      reports: this.#reports.toSorted(),
    }
    return JSON.parse(JSON.stringify({ ...seen, listed: listed.items.map(({ id }) => id).sort() }))
  }

  /** Leaves nothing behind but what is remembered. */
  async stop(): Promise<void> {
    this.isPaused = true
    const stopped = this.#consumer.stop()
    for (const { conclude } of [...this.#turns.values()]) conclude(done)
    await stopped
    for (const id of ids) await this.#inbox.discard(this.#name(id))
  }
}

/** How long something is in progress is not exact. Which of two reasons makes an event a duplicate is only told of deliveries without other names. */
function asAgreed(
  result: { readonly outcome: string; readonly conflict?: boolean },
  { origin, aliases }: EventRecord,
): unknown {
  const { outcome, conflict } = result
  return origin === 'delivery' && aliases === undefined ? { outcome, conflict } : { outcome }
}
