import { type Legacy, noProgress, type Progress, type Verdict } from '@hookport/core'
import type { EventStore, TakeRequest, Taking } from '@hookport/core/inbox-kit'
import type { Moment } from '../file/file-time.ts'
import type { LeasedEvent } from '../kept/leased-events.ts'
import type { FileAccess } from '../open/file-access.ts'
import type { OpenFile } from '../open/open-file.ts'
import { isAnythingDue, nothingTaken, OneTaking } from './taking.ts'

/** The store of one source's consumer. */
export class SqliteStore implements EventStore {
  readonly takesAfterVerdicts = true // in one transaction
  readonly #access: FileAccess
  readonly #onTake: () => void
  #parkedFirst = false

  /** @param onTake called whenever the store looks for work. */
  constructor(access: FileAccess, onTake: () => void) {
    this.#access = access
    this.#onTake = onTake
  }

  /** Joins the current transaction, so that an event is taken as soon as it is put. Without one, it looks first, so that idle processes don't block others. */
  async take(ask: () => TakeRequest): Promise<Taking> {
    this.#onTake()
    const nothing = this.#access.isWriting ? undefined : this.#lookFor(ask())
    if (nothing) return nothing
    this.#parkedFirst = !this.#parkedFirst
    return this.#access.write((file, now) => new OneTaking(file, ask(), now).take(this.#parkedFirst))
  }

  renew(events: readonly LeasedEvent[], leaseMs: number): Promise<readonly boolean[]> {
    return this.#access.write((file, now) => events.map((event) => file.leased.renew(event, leaseMs, now)))
  }

  checkpoint(event: LeasedEvent, progress: Progress, legacy?: Legacy): Promise<boolean> {
    return this.#access.write((file, now) => file.leased.checkpoint(event, progress, legacy, now))
  }

  conclude(event: LeasedEvent, verdict: Verdict): Promise<boolean> {
    const bytes = verdict.outcome === 'replace' ? verdict.event.rawBody.length : 0
    return this.#access.write((file, now) => {
      const wasHeld = file.leased.conclude(event, verdict, now)
      if (wasHeld && verdict.outcome === 'replace') putInPlace(file, verdict, now)
      return wasHeld
    }, bytes)
  }

  /** Undefined where there is something to take. */
  #lookFor(request: TakeRequest): Taking | undefined {
    return this.#access.read((file) => {
      const now = file.time.now()
      return isAnythingDue(file, request, now) ? undefined : nothingTaken(file, request, now)
    })
  }
}

function putInPlace(
  file: OpenFile,
  { event, rememberMs }: Extract<Verdict, { outcome: 'replace' }>,
  now: Moment,
): void {
  const sequence = file.kept.nextSequence()
  const until = now.steady + rememberMs
  if (file.ids.takeOn(event, until, sequence, now.steady)) return
  file.kept.addPending(sequence, event, file.claims.revoke(event.key, now) ?? noProgress, now)
}
