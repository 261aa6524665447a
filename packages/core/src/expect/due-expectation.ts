import { aliasesOfSubject } from '../accept/identity/event-names.ts'
import type { Attempt, Verdict, Work } from '../contracts/inbox/handling.ts'
import type { Inbox } from '../contracts/inbox/inbox.ts'
import type { OverdueThing } from '../contracts/receiver/expect.ts'
import type { Observe } from '../contracts/receiver/observers.ts'
import type { ListedThing } from '../contracts/reconcile/source.ts'
import type { Handlers } from '../handle/handlers.ts'
import { type AttemptTools, attemptEvent } from '../handle/turn/attempt-event.ts'
import { concludeInterruption } from '../handle/turn/conclude-turn.ts'
import { OverError } from '../reconcile/ask/within.ts'
import type { Reconciler } from '../reconcile/reconciler.ts'
import { isAnyKnown } from '../reconcile/things/is-any-known.ts'
import { expectationType, type KeptExpectation, readRecord } from './expectation-record.ts'
import type { ExpectationTotals } from './expectation-totals.ts'

export interface ExpectingTools extends Omit<AttemptTools, 'payloads'> {
  /** Name of the receiver. */
  readonly name: string
  readonly inbox: Inbox
  readonly observe: Observe
  readonly handlers: Handlers
  readonly totals: ExpectationTotals
  /** How long an expectation is kept once it is fulfilled, or its handlers have succeeded. */
  readonly keepHandledFor: number
  /** Undefined where there is no source to ask. */
  readonly reconciler: Reconciler | undefined
  /** The signal is aborted when the time of a drain is over. It has no time to ask for longer than `mostAskMs`. */
  readonly drain?: { readonly signal: AbortSignal; readonly mostAskMs: number } | undefined
}

/** If the provider does not answer, it is asked again for this long. Then the handlers are told that it did not answer. */
const patienceMs = 5 * 60_000
const askAgainMs = 15_000
const heldAgainMs = 5_000
/** How soon it asks again what is paused, where the inbox could not say. */
const pausesAgainMs = 5_000

/** Whether the inbox knows an event that ends the subject. */
export async function hasEnded(
  { subject, tenant }: Pick<KeptExpectation, 'subject' | 'tenant'>,
  tools: Pick<ExpectingTools, 'name' | 'inbox' | 'provider' | 'clock'>,
): Promise<boolean> {
  const { name, provider } = tools
  return isAnyKnown(await aliasesOfSubject(provider.endings, { source: name, tenant }, subject), tools)
}

/** The result of an expectation's turn: it waits, is fulfilled, or its handlers run. Never rejects. */
export function expectationWork(tools: ExpectingTools): Work {
  return async (attempt) => {
    const { clock, retry, logger, provider } = tools
    const cutOff = concludeInterruption(attempt, retry, clock.now())
    if (cutOff) return cutOff
    try {
      return kept(await conclude(attempt, readRecord(attempt.event), tools), tools)
    } catch (err) {
      if (!(err instanceof OverError))
        logger.error(
          { err, provider: provider.name, key: attempt.event.key },
          'an expectation could not be checked',
        )
      return later(attempt, askAgainMs)
    }
  }
}

/** Keeps a finished expectation as long as a handled event. */
function kept(verdict: Verdict, { keepHandledFor: keepMs }: ExpectingTools): Verdict {
  return verdict.outcome === 'done' && keepMs > 0 ? { ...verdict, keepMs } : verdict
}

async function conclude(
  attempt: Attempt,
  expectation: KeptExpectation,
  tools: ExpectingTools,
): Promise<Verdict> {
  if (await hasEnded(expectation, tools)) return fulfilled(attempt, expectation, tools)
  const overMs = tools.clock.now() - expectation.dueAt
  if (overMs < 0) return later(attempt, -overMs)
  const pausedMs = await pausedFor(attempt, tools)
  if (pausedMs > 0) return later(attempt, pausedMs)
  const found = await look(expectation, Math.max(askAgainMs, patienceMs - overMs), tools)
  if (found.failure !== undefined && overMs < patienceMs) return later(attempt, askAgainMs)
  if (found.isHeld) return later(attempt, heldAgainMs)
  // It may have arrived while the provider was asked.
  if (found.hasEnded || (await hasEnded(expectation, tools))) return fulfilled(attempt, expectation, tools)
  return tellOverdue(attempt, overdueThing(expectation, found), tools)
}

/**
 * How long it waits as nobody can be told: each handler that is left is paused, or the inbox can't say so. 0 where one can. The provider is not asked
 * meanwhile: it would be for each expectation with every look, for as long as the pause lasts.
 */
async function pausedFor({ progress }: Attempt, { handlers, pauses }: ExpectingTools): Promise<number> {
  if (!(await pauses.known())) return pausesAgainMs // a drain sees to expectations first, and may not have looked
  const left = handlers.of(expectationType).handlers.filter(({ name }) => !progress.completed.includes(name))
  const waits = left.map(({ name }) => pauses.waitOf(name) ?? 0)
  return waits.length > 0 ? Math.min(...waits) : 0
}

interface Found {
  readonly thing?: ListedThing | undefined
  /** It has ended, and its event is taken on. */
  readonly hasEnded?: boolean
  /** It has ended, and its delivery is being handled right now. */
  readonly isHeld?: boolean
  readonly failure?: string
}

async function look(
  expectation: KeptExpectation,
  maxMs: number,
  { reconciler, drain }: ExpectingTools,
): Promise<Found> {
  if (reconciler === undefined) return {}
  try {
    const bounds = { maxMs: Math.min(maxMs, drain?.mostAskMs ?? maxMs), signal: drain?.signal }
    return await reconciler.look(expectation, bounds)
  } catch (error) {
    if (error instanceof OverError) throw error
    return { failure: error instanceof Error ? error.message : String(error) }
  }
}

/** An empty list of completed handlers marks an expectation as fulfilled, even if some handlers ran before the subject ended. */
async function fulfilled(
  { progress, signal }: Attempt,
  { subject, tenant }: KeptExpectation,
  { observe, provider, name, totals }: ExpectingTools,
): Promise<Verdict> {
  const verdict: Verdict = { outcome: 'done', progress: { ...progress, completed: [] } }
  if (signal?.aborted) return verdict // another process has it, and tells of it
  observe('fulfilled', () => ({ provider: provider.name, source: name, tenant, subject }))
  await totals.add('fulfilled')
  return verdict
}

/** Tries again later. Nothing has failed. */
function later({ progress }: Attempt, delayMs: number): Verdict {
  return { outcome: 'retry', delayMs, progress, failures: [], attemptUsed: false }
}

function overdueThing(
  { subject, tenant, expectedAt, dueAt }: KeptExpectation,
  { thing, failure }: Found,
): OverdueThing {
  return {
    subject,
    tenant,
    expectedAt: new Date(expectedAt),
    dueAt: new Date(dueAt),
    lastSeen: thing && { status: thing.status, answer: thing.answer },
    askingFailed: failure,
  }
}

async function tellOverdue(attempt: Attempt, thing: OverdueThing, tools: ExpectingTools): Promise<Verdict> {
  const { handlers, observe, provider, name, logger, totals } = tools
  const { subject, tenant } = thing
  const verdict = await attemptEvent(attempt, handlers.of(expectationType), {
    ...tools,
    payloads: { take: () => ({ thing }) },
    provider: { ...provider, events: new Map(), readData: (payload) => payload.thing, fetch: undefined },
  })
  if (attempt.signal?.aborted) return verdict
  const about = { provider: provider.name, source: name, tenant, subject }
  if (verdict.outcome === 'done' || verdict.outcome === 'dead') {
    observe('overdue', () => ({ ...about, status: thing.lastSeen?.status }))
    await totals.add('overdue')
  }
  if (verdict.outcome === 'dead')
    logger.error(
      {
        ...about,
        key: attempt.event.key,
        failures: verdict.failures.map(({ stack: _, ...failure }) => failure),
      },
      'an expected event is overdue, and the onOverdue handler has failed for good: the expectation is a dead letter now',
    )
  if (verdict.outcome === 'retry' && verdict.failures.length > 0)
    logger.warn(
      {
        ...about,
        failures: verdict.failures.map(({ stack: _, ...failure }) => failure),
        retryInMs: verdict.delayMs,
      },
      'an expected event is overdue, and the onOverdue handler has failed: it will be tried again',
    )
  return verdict
}
