import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AnswerDrain } from '../webhooks.ts'
import { writeReply } from './write-reply.ts'

/** A request listener of `node:http`, a middleware of Express, or an API route of Next. */
export type NodeRoute = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => Promise<void>

/** A drain's route for what is called as `node:http` does. For adapters. */
export function nodeDrain(answer: AnswerDrain): NodeRoute {
  return async ({ method, headers }, response, next) => {
    const reply = await answer({ method, authorization: headers.authorization })
    try {
      await writeReply(response, reply)
    } catch (error) {
      if (next === undefined) throw error
      next(error)
    }
  }
}
