import type { Delivery } from '../../contracts/delivery.ts'
import type { Reply } from '../../contracts/receiver/reply.ts'
import { closing } from './reply-table.ts'

/** A reply that may be written before the whole body has arrived. The connection is closed then, as the sender could go on sending without end. */
export async function beforeBody(reply: Reply, delivery: Delivery): Promise<Reply> {
  try {
    return (await delivery.discardRest?.()) ? closing(reply) : reply
  } catch {
    return closing(reply) // nobody knows what is left of the body, and a refusal has to be written all the same
  }
}
