import { setTimeout as sleep } from 'node:timers/promises'
import { type AskedReceiver, NoAnswer } from './asked-receiver.ts'
import type { NewSecret } from './new-secret.ts'

export interface Rotation {
  readonly receiver: AskedReceiver
  /** How people call the provider. */
  readonly title: string
  readonly fresh: NewSecret
  /** The secret that is to go. Undefined where it is not given: then nobody looks whether it is still accepted. */
  readonly old: string | undefined
  /** For how long the provider may still send what it has signed with the old one. */
  readonly retryHorizonMs: number
  /** When the provider was told before, in milliseconds since 1970. */
  readonly switchedAt: number | undefined
  /** Tells the provider. Undefined where its API can't be told. */
  readonly tellProvider: (() => Promise<void>) | undefined
  /** What a person does where its API can't be told. */
  readonly byHand: string
  readonly isDryRun: boolean
  /** Waits for the deployments rather than to end. */
  readonly waits: boolean
  readonly signal: AbortSignal
}

/** What has come of a step. */
export interface Step {
  readonly step: 'secret' | 'receiver' | 'provider' | 'old'
  readonly state: string
  readonly text: string
  /** When the old one may go. */
  readonly at?: string
}

const lookAgainMs = 2_000

/**
 * Puts a new secret in the place of an old one, step by step. It keeps nothing: each run looks where things stand, and goes on from there.
 *
 * @returns whether all was done that could be by now.
 * @throws {Failure} where the receiver does not say which secrets it has; {ManagementError} where the provider refuses.
 */
export async function rotate(rotation: Rotation, tell: (step: Step) => void): Promise<boolean> {
  const { fresh, old, receiver, isDryRun } = rotation
  tell(
    fresh.isMade
      ? { step: 'secret', state: 'made', text: `made, and written to ${fresh.where}` }
      : { step: 'secret', state: 'given', text: `that of ${fresh.where}` },
  )
  await receiver.assertVerifying()
  if (!(await isAccepted(rotation, tell))) return false
  const isOldGone = old !== undefined && (await isSo(receiver.refuses(old), rotation))
  tell({
    step: 'receiver',
    state: 'accepts',
    text: isOldGone ? 'accepts the new one, and the old one no more' : 'accepts the new one',
  })
  const switchedAt = await tellProvider(rotation, tell)
  if (switchedAt === undefined) return isDryRun
  return seeOldOneGo({ ...rotation, switchedAt }, isOldGone, tell)
}

/** What the receiver says. Who waits for it to be deployed takes no answer for not yet: it may be down for a moment. */
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
    const then = waits ? 'it is waited for' : 'then run this again'
    if (!isTold)
      tell({
        step: 'receiver',
        state: 'not_yet',
        text: `does not accept the new one yet, or not in each process: deploy it beside the old one, secret: [new, old]; ${then}`,
      })
    isTold = true
    if (!waits || !(await paused(lookAgainMs, signal))) return false
  }
  return true
}

/** Since when the provider signs with the new one. Undefined where it does not. */
async function tellProvider(
  { title, switchedAt, tellProvider: change, byHand, isDryRun }: Rotation,
  tell: (step: Step) => void,
): Promise<number | undefined> {
  if (switchedAt !== undefined) {
    tell({
      step: 'provider',
      state: 'changed_before',
      text: `${title} signs with it since ${timeOf(switchedAt)}, as you say`,
    })
    return switchedAt
  }
  if (change === undefined) {
    tell({ step: 'provider', state: 'by_hand', text: byHand })
    return undefined
  }
  if (isDryRun) {
    tell({ step: 'provider', state: 'dry_run', text: `${title} would be told of it now` })
    return undefined
  }
  await change()
  const now = Date.now()
  tell({ step: 'provider', state: 'changed', text: `${title} signs with it since ${timeOf(now)}` })
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
  const gone = { step: 'old', state: 'gone', text: 'is not accepted any more: done', at } as const
  if (isGone) {
    tell(gone)
    return true
  }
  const isDue = () => Date.now() >= mayGoAt
  const wasDue = isDue()
  tell(
    wasDue
      ? { step: 'old', state: 'may_go', text: 'may go: take it out of the configuration, and deploy', at }
      : {
          step: 'old',
          state: 'stays',
          text: `stays until ${at}: what was signed with it may be sent again until then. Take it out after that, and run this with --switched ${timeOf(switchedAt)} to see that it is gone`,
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

/** False where nobody waits any more. */
async function paused(ms: number, signal: AbortSignal): Promise<boolean> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => {})
  return !signal.aborted
}

function timeOf(instant: number): string {
  return new Date(instant).toISOString()
}
