import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Receiver } from '../contracts/receiver/receiver.ts'
import type { AnswerDrain } from '../webhooks.ts'
import { assertOfNode } from './assert-of-node.ts'
import { replyFailed } from './reply/reply-failed.ts'
import { writeReply } from './reply/write-reply.ts'

/** A request listener of `node:http`, a middleware of Express, or an API route of Next. */
export type NodeRoute = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => Promise<void>

/** A drain's route for callers of the `node:http` kind. Like `answerDelivery`, it never rejects. For adapters. */
export function nodeDrain(answer: AnswerDrain, receiver: Pick<Receiver, 'logger' | 'provider'>): NodeRoute {
  return async ({ method, headers }, response, next) => {
    try {
      assertOfNode(response)
      await writeReply(response, await answer({ method, authorization: headers.authorization }))
    } catch (error) {
      replyFailed(error, response, receiver, next)
    }
  }
}
