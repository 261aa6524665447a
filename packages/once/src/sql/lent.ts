import { andFinally } from '../awaitable.ts'
import { OnceError } from '../once-error.ts'
import type { Work } from './database.ts'

/** Makes of `tx` one that fails where `refusal` answers an error. */
export type Lend<Tx> = (tx: Tx, refusal: () => OnceError | undefined) => Tx

/**
 * Lends `tx` to work until that has settled. `apply` may leave something that runs on, as what is beside a failure in `Promise.all`. Its connection is
 * back in the pool by then. So what it writes would be outside of any transaction, or within that of another event.
 */
export function lent<Tx>(work: Work<Tx>, lend: Lend<Tx>): Work<Tx> {
  return (tx, query) => {
    let hasEnded = false
    const refusal = () => (hasEnded ? tooLate() : undefined) // an error is dear to make, and hardly ever needed
    const end = () => {
      hasEnded = true
    }
    return andFinally(() => work(lend(tx, refusal), query), end)
  }
}

function tooLate(): OnceError {
  return new OnceError(
    'transaction_ended',
    'tx was used after apply had ended: nothing is written. Await all that apply begins; where one part may fail while others run, wait for all of them, as by Promise.allSettled',
  )
}
