import {
  type Burial,
  type ClaimOptions,
  type ClaimResult,
  type ConsumeOptions,
  type Consumer,
  type Counts,
  type EventPage,
  type EventRecord,
  eventStates,
  type Inbox,
  InboxClosedError,
  type KeptEvent,
  type Lease,
  type ListFilter,
  type Notes,
  noProgress,
  type Progress,
  type PutOptions,
  type PutResult,
  type RedriveOptions,
  type ReplayOptions,
  type Work,
} from '@hookport/core'
import {
  assertCountsFilter,
  assertListFilter,
  notesWhileOpen,
  PollingConsumer,
} from '@hookport/core/inbox-kit'
import type { Row } from '@hookport/testkit/inbox/event-row'
import type { Claim, SharedStore } from './shared-store.ts'
import { systemClock } from './system-clock.ts'

const leaseMs = 5_000
const pollMs = 20

/** One of several inboxes over one store: what a durable inbox is with the kit of core, and no database. */
export class SharedInbox implements Inbox {
  readonly name = 'shared'
  readonly durable = true
  readonly store: string
  readonly notes: Notes
  readonly #store: SharedStore
  readonly #consumers: PollingConsumer[] = []
  #closing: Promise<void> | undefined

  constructor(store: SharedStore) {
    this.#store = store
    this.store = `shared:${store.id}`
    this.notes = notesWhileOpen(store.notes, () => this.#assertOpen())
  }

  async put(event: EventRecord, { rememberMs, failure }: PutOptions): Promise<PutResult> {
    this.#assertOpen()
    const known = this.#store.findKnown(event)
    if (known) return known
    const retryAfterMs = this.#store.claimedForMs(event)
    if (retryAfterMs > 0) return { outcome: 'in_progress', retryAfterMs }
    JSON.stringify({ ...event, rawBody: undefined }) // a database can't hold what this throws at
    const progress = this.#store.endClaim(event)
    this.#store.remember(event, rememberMs)
    this.#store.add(event, failure ? { state: 'dead', progress, failures: [failure] } : { progress })
    for (const consumer of this.#consumers) consumer.wake()
    return { outcome: 'accepted' }
  }

  async knows(names: readonly string[]): Promise<boolean> {
    this.#assertOpen()
    return this.#store.knows(names)
  }

  async claim(event: EventRecord, { leaseMs }: ClaimOptions): Promise<ClaimResult> {
    this.#assertOpen()
    const known = this.#store.findKnown(event)
    if (known) return known
    const before = this.#store.claims.get(event.key)
    const retryAfterMs = (before?.leaseUntil ?? 0) - Date.now()
    if (retryAfterMs > 0) return { outcome: 'in_progress', retryAfterMs }
    const { attempt, progress } = before ?? { attempt: 1, progress: noProgress }
    const token = crypto.randomUUID()
    this.#store.claims.set(event.key, { event, token, attempt, progress, leaseUntil: Date.now() + leaseMs })
    return { outcome: 'claimed', lease: { key: event.key, token, attempt, progress } }
  }

  async renew(lease: Lease, leaseMs: number): Promise<boolean> {
    return this.#underLease(lease, (claim) => {
      claim.leaseUntil = Date.now() + leaseMs
    })
  }

  async confirm(lease: Lease, event: EventRecord, { rememberMs }: PutOptions): Promise<boolean> {
    return this.#underLease(lease, () => {
      this.#store.claims.delete(lease.key)
      this.#store.remember(event, rememberMs)
    })
  }

  async release(lease: Lease, progress: Progress, attemptUsed: boolean): Promise<boolean> {
    return this.#underLease(lease, (claim) => {
      Object.assign(claim, { progress, attempt: claim.attempt + Number(attemptUsed), leaseUntil: 0 })
    })
  }

  bury(lease: Lease, event: EventRecord, burial: Burial): Promise<boolean> {
    return this.#keep(lease, event, burial, 'dead')
  }

  park(lease: Lease, event: EventRecord, burial: Burial): Promise<boolean> {
    return this.#keep(lease, event, burial, 'parked')
  }

  consume(work: Work, options: ConsumeOptions): Consumer {
    this.#assertOpen()
    const consumer = new PollingConsumer(work, options, this.#store, { clock: systemClock, leaseMs, pollMs })
    this.#consumers.push(consumer)
    return consumer
  }

  async counts(filter: { source?: string; tenant?: string } = {}): Promise<Counts> {
    assertCountsFilter(filter)
    const counts = Object.fromEntries(eventStates.map((state) => [state, 0])) as Record<Row['state'], number>
    for (const { state } of this.#matching(filter)) counts[state] += 1
    return counts
  }

  async list(filter: ListFilter = {}): Promise<EventPage> {
    assertListFilter(filter, (cursor) => /^\d+$/.test(cursor))
    const { newestFirst = false, limit = 50 } = filter
    const cursor = Number(filter.cursor ?? (newestFirst ? Number.POSITIVE_INFINITY : 0))
    const sequenceOf = ({ key }: KeptEvent) => this.#store.rows.get(key)?.sequence ?? 0
    const inOrder = newestFirst ? this.#matching(filter).reverse() : this.#matching(filter)
    const rest = inOrder.filter((event) =>
      newestFirst ? sequenceOf(event) < cursor : sequenceOf(event) > cursor,
    )
    const page = rest.slice(0, limit)
    const items = page.map(({ rawBody: _, ...summary }) => summary)
    const last = page.at(-1)
    return last && rest.length > limit ? { items, cursor: String(sequenceOf(last)) } : { items }
  }

  async get(key: string): Promise<KeptEvent | undefined> {
    this.#assertOpen()
    return this.#store.describe(key)
  }

  async redrive(key: string, options?: RedriveOptions): Promise<boolean> {
    this.#assertOpen()
    return this.#store.redrive(key, options)
  }

  async replay(key: string, options: ReplayOptions): Promise<boolean> {
    this.#assertOpen()
    return this.#store.replay(key, options)
  }

  async discard(key: string): Promise<boolean> {
    this.#assertOpen()
    return this.#store.rows.get(key)?.state !== 'active' && this.#store.rows.delete(key)
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all(this.#consumers.map((consumer) => consumer.stop())).then(() => {})
    return this.#closing
  }

  #assertOpen(): void {
    if (this.#closing) throw new InboxClosedError('the inbox was closed')
  }

  async #keep(
    lease: Lease,
    event: EventRecord,
    { progress, failures, ...options }: Burial,
    state: Row['state'],
  ): Promise<boolean> {
    if (!(await this.confirm(lease, event, options))) return false
    this.#store.add(event, { state, attempt: lease.attempt, progress, failures })
    return true
  }

  #underLease({ key, token }: Lease, act: (claim: Claim) => void): boolean {
    this.#assertOpen()
    const claim = this.#store.claims.get(key)
    if (claim?.token !== token || Date.now() >= claim.leaseUntil) return false
    act(claim)
    return true
  }

  #matching({
    source,
    tenant,
    state,
    type,
    receivedFrom = 0,
    receivedBefore = Number.POSITIVE_INFINITY,
    idIncludes = '',
  }: ListFilter) {
    this.#assertOpen()
    const all = [...this.#store.rows.keys()].flatMap((key) => this.#store.describe(key) ?? [])
    return all.filter(
      (event) =>
        (source ?? event.source) === event.source &&
        (tenant ?? event.tenant) === event.tenant &&
        (state ?? event.state) === event.state &&
        (type ?? event.type) === event.type &&
        event.receivedAt >= receivedFrom &&
        event.receivedAt < receivedBefore &&
        event.id.includes(idIncludes),
    )
  }
}
