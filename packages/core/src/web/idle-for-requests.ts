import type { Receiver } from '../contracts/receiver/receiver.ts'

/** More than the requests that a platform which freezes its processes runs in one of them at once. */
const mostWaiting = 1_000

/**
 * The wait for what deliveries have left to do, for requests that keep their process alive meanwhile. Under a load that never rests each of them would
 * wait as long as it lasts, and they would fill the memory. So 1,000 wait at once, which keep the process alive for all others. For adapters.
 */
export function idleForRequests(receiver: Pick<Receiver, 'idle'>): () => Promise<void> {
  let waiting = 0
  return async () => {
    if (waiting >= mostWaiting) return
    waiting += 1
    try {
      await receiver.idle()
    } finally {
      waiting -= 1
    }
  }
}
