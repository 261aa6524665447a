import { foundValue } from '../../contracts/found-value.ts'
import type { Source } from '../../contracts/reconcile/source.ts'
import type { Questions } from '../ask/asking.ts'

/**
 * The names of a source's lists.
 *
 * @throws what asking throws, and where the source answers no list of names: it may have read an answer of another form than it knows.
 */
export async function listNames(
  source: Pick<Source, 'lists'>,
  questions: Questions,
  over: AbortSignal,
): Promise<readonly string[]> {
  const names: unknown = await questions.ask((asking) => source.lists(asking), over)
  if (Array.isArray(names)) return names
  throw new Error(`lists of the source answered ${foundValue(names)}; it must answer an array of names`)
}
