import type { Clock } from '../../contracts/clock.ts'
import type { Ask, ListedThing } from '../../contracts/reconcile/source.ts'
import type { Questions } from '../ask/asking.ts'
import { OverError } from '../ask/within.ts'

/** How long a source may take for what it does beside its questions, which have limits of their own. */
const patienceMs = 15_000

/**
 * The event of a thing's end, as its source creates it. The source is code of somebody else: if it hangs, it is no longer waited for.
 *
 * @throws {OverError} if `over` is aborted before, an error if it takes too long, or what the source throws.
 */
export function createdEvent(
  thing: ListedThing,
  questions: Questions,
  over: AbortSignal,
  clock: Required<Clock>,
): Promise<object> {
  return new Promise((resolve, reject) => {
    let [isSettled, asked] = [false, 0]
    let stopWatching = () => {}
    const settle = (how: () => void) => {
      isSettled = true
      stopWatching()
      over.removeEventListener('abort', giveUp)
      how()
    }
    const giveUp = () => settle(() => reject(new OverError()))
    const tooLong = () => settle(() => reject(tookTooLong()))
    const watch = () => {
      if (!isSettled && asked === 0) stopWatching = clock.after(patienceMs, tooLong, { background: true })
    }
    const ask: Ask = async (question) => {
      stopWatching()
      asked += 1
      try {
        return await questions.ask(question, over)
      } finally {
        asked -= 1
        watch()
      }
    }
    over.addEventListener('abort', giveUp)
    if (over.aborted) return giveUp()
    watch()
    Promise.resolve()
      .then(() => thing.event(ask))
      .then(
        (event) => settle(() => resolve(event)),
        (error) => settle(() => reject(error)),
      )
  })
}

function tookTooLong(): Error {
  return new Error(`event() of the source was not done ${patienceMs} ms after its last question`)
}
