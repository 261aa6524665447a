import type { ListedThing, Source } from '../../contracts/reconcile/source.ts'
import { listNames } from '../lists/list-names.ts'
import type { MemorySpan } from '../lists/memory-span.ts'
import { isRecent } from './pass-tally.ts'
import { assertTenant, type TakingTools, takeListed } from './take-listed.ts'

/** What to ask for. */
export interface Looked {
  readonly subject: string
  readonly tenant?: string | undefined
  /** The list that contains it. Left out, all lists are asked. */
  readonly list?: string | undefined
}

export interface Look {
  /** Undefined where the provider knows no such thing. */
  readonly thing?: ListedThing
  /** It has ended, and its event was taken on, now or before. */
  readonly hasEnded?: boolean
  /** It has ended, and its delivery is being handled right now. */
  readonly isHeld?: boolean
}

export interface LookUpTools extends TakingTools {
  readonly reconcile: Source
  memory(): Promise<MemorySpan>
}

/**
 * Asks for one thing, and takes its event on where it has ended.
 *
 * @throws what asking throws; {OverError} when the time is over.
 */
export async function lookUp(
  { subject, tenant, list }: Looked,
  over: AbortSignal,
  tools: LookUpTools,
): Promise<Look> {
  const { reconcile, questions, clock, memory } = tools
  const lists = list === undefined ? await listNames(reconcile, questions, over) : [list]
  for (const one of lists) {
    const thing = await questions.ask((asking) => reconcile.find(one, subject, asking), over)
    if (thing === undefined || thing.isOther) continue
    assertTenant(thing)
    if (thing.tenant !== tenant) continue
    if (thing.subject !== subject)
      throw new Error(`the provider was asked for ${subject}, but the answer is about ${thing.subject}`)
    if (!thing.hasEnded) return { thing }
    if (!isRecent(thing, clock.now(), await memory())) return { thing, hasEnded: true }
    const isHeld = (await takeListed(thing, over, tools)) === 'in_progress'
    return { thing, hasEnded: !isHeld, isHeld }
  }
  return {}
}
