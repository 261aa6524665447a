import type { Delivery } from '../../contracts/delivery.ts'
import type { Reply } from '../../contracts/receiver/reply.ts'
import { closing } from './reply-table.ts'

/** A reply that may be made before the body has come whole. It closes the connection then: the sender could send on without end. */
export async function beforeBody(reply: Reply, delivery: Delivery): Promise<Reply> {
  return (await delivery.discardRest?.()) ? closing(reply) : reply
}
