import {
  type ClaimOptions,
  type ClaimResult,
  type ConsumeOptions,
  type Consumer,
  type Counts,
  type EventPage,
  type EventRecord,
  type Failure,
  type Inbox,
  InboxClosedError,
  type KeptEvent,
  type Lease,
  type ListFilter,
  type Progress,
  type PutOptions,
  type PutResult,
  type Work,
} from '@hookport/core'
import { SharedConsumer } from './shared-consumer.ts'
import type { Claim, SharedStore } from './shared-store.ts'

/** One of several inboxes over one store: the least that the suite's promises on restarts and lost leases can be seen to pass on. */
export class SharedInbox implements Inbox {
  readonly name = 'shared'
  readonly durable = true
  readonly #store: SharedStore
  readonly #consumers: Consumer[] = []
  #closing: Promise<void> | undefined

  constructor(store: SharedStore) {
    this.#store = store
  }

  async put(event: EventRecord, { rememberMs }: PutOptions): Promise<PutResult> {
    const known = this.#findKnown(event)
    if (known) return known
    this.#store.claims.delete(event.key)
    this.#remember(event, rememberMs)
    this.#store.add(event, {})
    return { outcome: 'accepted' }
  }

  async claim(event: EventRecord, { leaseMs }: ClaimOptions): Promise<ClaimResult> {
    const known = this.#findKnown(event)
    if (known) return known
    const before = this.#store.claims.get(event.key)
    const retryAfterMs = (before?.leaseUntil ?? 0) - Date.now()
    if (retryAfterMs > 0) return { outcome: 'in_progress', retryAfterMs }
    const { attempt, progress } = before ?? { attempt: 1, progress: { completed: [], abandoned: [] } }
    const token = crypto.randomUUID()
    this.#store.claims.set(event.key, { token, attempt, progress, leaseUntil: Date.now() + leaseMs })
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
      this.#remember(event, rememberMs)
    })
  }

  async release(lease: Lease, progress: Progress, attemptUsed: boolean): Promise<boolean> {
    return this.#underLease(lease, (claim) => {
      Object.assign(claim, { progress, attempt: claim.attempt + Number(attemptUsed), leaseUntil: 0 })
    })
  }

  async bury(
    lease: Lease,
    event: EventRecord,
    { progress, failures, rememberMs }: { progress: Progress; failures: readonly Failure[] } & PutOptions,
  ): Promise<boolean> {
    if (!(await this.confirm(lease, event, { rememberMs }))) return false
    this.#store.add(event, { state: 'dead', attempt: lease.attempt, progress, failures })
    return true
  }

  consume(work: Work, options: ConsumeOptions): Consumer {
    this.#assertOpen()
    const consumer = new SharedConsumer(this.#store, work, options)
    this.#consumers.push(consumer)
    return consumer
  }

  async counts({ provider }: { provider?: string } = {}): Promise<Counts> {
    const counts = { pending: 0, scheduled: 0, active: 0, dead: 0 }
    for (const { state } of this.#matching(provider === undefined ? {} : { provider })) counts[state] += 1
    return counts
  }

  async list(filter: ListFilter = {}): Promise<EventPage> {
    const { cursor = '0', limit = 50 } = filter
    const sequenceOf = ({ key }: KeptEvent) => this.#store.rows.get(key)?.sequence ?? 0
    const rest = this.#matching(filter).filter((event) => sequenceOf(event) > Number(cursor))
    const page = rest.slice(0, limit)
    const items = page.map(({ rawBody: _, ...summary }) => summary)
    const last = page.at(-1)
    return last && rest.length > limit ? { items, cursor: String(sequenceOf(last)) } : { items }
  }

  async get(key: string): Promise<KeptEvent | undefined> {
    this.#assertOpen()
    return this.#store.describe(key)
  }

  async redrive(key: string): Promise<boolean> {
    this.#assertOpen()
    const row = this.#store.rows.get(key)
    if (row?.state !== 'dead') return false
    const progress = { completed: row.progress.completed, abandoned: [] }
    Object.assign(row, { state: 'pending', attempt: 1, progress, failures: [] })
    return true
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

  #findKnown(event: EventRecord): Extract<PutResult, { outcome: 'duplicate' }> | undefined {
    this.#assertOpen()
    const remembered = this.#store.remembered.get(event.key)
    const unexpired = remembered && Date.now() < remembered.until ? remembered : undefined
    const known = this.#store.rows.get(event.key)?.event ?? unexpired
    return known && { outcome: 'duplicate', conflict: known.fingerprint !== event.fingerprint }
  }

  #remember({ key, fingerprint }: EventRecord, rememberMs: number): void {
    this.#store.remembered.set(key, { fingerprint, until: Date.now() + rememberMs })
  }

  #underLease({ key, token }: Lease, act: (claim: Claim) => void): boolean {
    this.#assertOpen()
    const claim = this.#store.claims.get(key)
    if (claim?.token !== token || Date.now() >= claim.leaseUntil) return false
    act(claim)
    return true
  }

  #matching({
    provider,
    state,
    type,
    receivedFrom = 0,
    receivedBefore = Number.POSITIVE_INFINITY,
  }: ListFilter) {
    this.#assertOpen()
    const all = [...this.#store.rows.keys()].flatMap((key) => this.#store.describe(key) ?? [])
    return all.filter(
      (event) =>
        (provider ?? event.provider) === event.provider &&
        (state ?? event.state) === event.state &&
        (type ?? event.type) === event.type &&
        event.receivedAt >= receivedFrom &&
        event.receivedAt < receivedBefore,
    )
  }
}
