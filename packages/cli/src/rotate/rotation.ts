import { setTimeout as sleep } from 'node:timers/promises'
import { type AskedReceiver, NoAnswer } from './asked-receiver.ts'
import type { NewSecret } from './new-secret.ts'

export interface Rotation {
  readonly receiver: AskedReceiver
  /** The provider's name for people. */
  readonly title: string
  readonly fresh: NewSecret
  /** The secret to remove. Undefined if it is not given: then it is not checked whether it is still accepted. */
  readonly old: string | undefined
  /** How long the provider may still send what it has signed with the old one. */
  readonly retryHorizonMs: number
  /** When the provider was changed before, in milliseconds since 1970. */
  readonly switchedAt: number | undefined
  /** Gives the provider the new secret. Undefined if its API can't do that. */
  readonly tellProvider: (() => Promise<void>) | undefined
  /** What a person must do if its API can't do that. */
  readonly byHand: string
  readonly isDryRun: boolean
  /** Whether to wait for the deployments instead of ending. */
  readonly waits: boolean
  readonly signal: AbortSignal
}

/** The result of a step. */
export interface Step {
  readonly step: 'secret' | 'receiver' | 'provider' | 'old'
  readonly state: string
  readonly text: string
  /** When the old one may be removed. */
  readonly at?: string
}

const lookAgainMs = 2_000

/**
 * Replaces an old secret with a new one, step by step. It stores nothing: each run checks the current state, and goes on from there.
 *
 * @returns whether everything that was possible by now is done.
 * @throws {Failure} if the receiver's replies do not tell which secrets it has; {ManagementError} if the provider refuses.
 */
export async function rotate(rotation: Rotation, tell: (step: Step) => void): Promise<boolean> {
  const { fresh, old, receiver, isDryRun } = rotation
  tell(
    fresh.isMade
      ? { step: 'secret', state: 'made', text: `created, and written to ${fresh.where}` }
      : { step: 'secret', state: 'given', text: `from ${fresh.where}` },
  )
  await receiver.assertVerifying()
  if (!(await isAccepted(rotation, tell))) return false
  const isOldGone = old !== undefined && (await isSo(receiver.refuses(old), rotation))
  tell({
    step: 'receiver',
    state: 'accepts',
    text: isOldGone ? 'accepts the new one, and no longer the old one' : 'accepts the new one',
  })
  const switchedAt = await tellProvider(rotation, tell)
  if (switchedAt === undefined) return isDryRun
  return seeOldOneGo({ ...rotation, switchedAt }, isOldGone, tell)
}

/** The receiver's answer. If we wait for a deployment, no answer means not yet, as the receiver may be down for a moment. */
async function isSo(answer: Promise<boolean>, { waits }: Pick<Rotation, 'waits'>): Promise<boolean> {
  try {
    return await answer
  } catch (error) {
    if (waits && error instanceof NoAnswer) return false
    throw error
  }
}

async function isAccepted(rotation: Rotation, tell: (step: Step) => void): Promise<boolean> {
  const { receiver, fresh, waits, signal } = rotation
  let isTold = false
  while (!(await isSo(receiver.accepts(fresh.secret), rotation))) {
    const then = waits ? 'waiting for it' : 'then run this again'
    if (!isTold)
      tell({
        step: 'receiver',
        state: 'not_yet',
        text: `does not accept the new one yet, or not in every process: deploy it beside the old one, secret: [new, old]; ${then}`,
      })
    isTold = true
    if (!waits || !(await paused(lookAgainMs, signal))) return false
  }
  return true
}

/** Since when the provider signs with the new one. Undefined if it does not. */
async function tellProvider(
  { title, switchedAt, tellProvider: change, byHand, isDryRun }: Rotation,
  tell: (step: Step) => void,
): Promise<number | undefined> {
  if (switchedAt !== undefined) {
    tell({
      step: 'provider',
      state: 'changed_before',
      text: `${title} has signed with it since ${timeOf(switchedAt)}, as you say`,
    })
    return switchedAt
  }
  if (change === undefined) {
    tell({ step: 'provider', state: 'by_hand', text: byHand })
    return undefined
  }
  if (isDryRun) {
    tell({ step: 'provider', state: 'dry_run', text: `${title} would get it now` })
    return undefined
  }
  await change()
  const now = Date.now()
  tell({ step: 'provider', state: 'changed', text: `${title} has signed with it since ${timeOf(now)}` })
  return now
}

async function seeOldOneGo(
  rotation: Rotation & { switchedAt: number },
  isGone: boolean,
  tell: (step: Step) => void,
): Promise<boolean> {
  const { receiver, old, retryHorizonMs, switchedAt, waits, signal } = rotation
  const mayGoAt = switchedAt + retryHorizonMs
  const at = timeOf(mayGoAt)
  const gone = { step: 'old', state: 'gone', text: 'is no longer accepted: done', at } as const
  if (isGone) {
    tell(gone)
    return true
  }
  const isDue = () => Date.now() >= mayGoAt
  const wasDue = isDue()
  tell(
    wasDue
      ? { step: 'old', state: 'may_go', text: 'can go: remove it from the configuration, and deploy', at }
      : {
          step: 'old',
          state: 'stays',
          text: `stays until ${at}: what was signed with it may be sent again until then. Remove it after that, and run this with --switched ${timeOf(switchedAt)} to see that it is gone`,
          at,
        },
  )
  if (old === undefined || !waits) return old === undefined || !wasDue
  if (!(await paused(mayGoAt - Date.now(), signal))) return false
  while (!(await isSo(receiver.refuses(old), rotation)))
    if (!(await paused(lookAgainMs, signal))) return false
  tell(gone)
  return true
}

/** False if nobody is waiting any more. */
async function paused(ms: number, signal: AbortSignal): Promise<boolean> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => {})
  return !signal.aborted
}

function timeOf(instant: number): string {
  return new Date(instant).toISOString()
}
