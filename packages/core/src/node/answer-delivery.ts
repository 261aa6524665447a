import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Receiver } from '../contracts/receiver/receiver.ts'
import { assertOfNode } from './assert-of-node.ts'
import { endWritten } from './reply/end-written.ts'
import { letServerClose } from './reply/let-server-close.ts'
import { replyFailed } from './reply/reply-failed.ts'
import { writeReply } from './reply/write-reply.ts'
import { type NodeDeliveryOptions, nodeDelivery } from './request/node-delivery.ts'

/** How a request is answered. */
export interface AnswerOptions extends NodeDeliveryOptions {
  /** The framework's error handling. It is called only where the reply could not be written. */
  next?: ((error: unknown) => void) | undefined
}

/**
 * Receives a request as a delivery, and writes the reply. Never rejects. An error of the response goes to `next`, or else to the log, and the
 * connection is closed.
 */
export async function answerDelivery(
  receiver: Pick<Receiver, 'receive' | 'logger' | 'provider'>,
  request: IncomingMessage,
  response: ServerResponse,
  options: AnswerOptions,
): Promise<void> {
  try {
    assertOfNode(response)
    letServerClose(response) // remembers that the server listens, where it is closed before the first reply
    const reply = await receiver.receive(nodeDelivery(request, options))
    if (!endWritten(response, reply, receiver)) await writeReply(response, reply)
  } catch (error) {
    replyFailed(error, response, receiver, options.next)
  }
}
