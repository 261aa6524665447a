import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AnswerFate } from '../losses.ts'
import { ApiError } from './api-error.ts'
import { checkCaller } from './check-caller.ts'
import { type ApiReply, cutOff, errorReply, readBearer, readFields, writeReply } from './http-exchange.ts'
import { findRoute, type Route } from './route-table.ts'

export interface Access {
  /** The host that the emulator listens on. */
  readonly host: string
  isApiKey(key: string): boolean
  /** What happens to an answer to `GET`. Defaults to `given`. */
  readonly answerOf?: ((path: string) => AnswerFate) | undefined
}

/** Answers one request by its route. Never rejects. */
export async function answerRequest(
  routes: readonly Route[],
  access: Access,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let fate: AnswerFate
  try {
    fate = fateOf(access, request)
  } catch (error) {
    return writeReply(response, errorReply(error))
  }
  if (fate === 'unavailable') return writeReply(response, { status: 503 })
  if (fate === 'rate-limited') return writeReply(response, { status: 429, headers: { 'Retry-After': '1' } })
  const reply = await replyTo(routes, access, request).catch(errorReply)
  try {
    if (fate === 'cut-off') cutOff(response, reply)
    else writeReply(response, reply)
  } catch (error) {
    writeReply(response, errorReply(error)) // an event that a test made up may be none in JSON
  }
}

/** @throws what `answerOf` throws. */
function fateOf({ answerOf }: Access, request: IncomingMessage): AnswerFate {
  const path = targetOf(request)?.pathname
  return request.method === 'GET' && path !== undefined ? (answerOf?.(path) ?? 'given') : 'given'
}

async function replyTo(
  routes: readonly Route[],
  { host, isApiKey }: Access,
  request: IncomingMessage,
): Promise<ApiReply> {
  checkCaller(request, host)
  const target = targetOf(request)
  if (target === undefined) throw new ApiError(400, 'the target of the request is neither a path nor a URL')
  const { route, parameters } = findRoute(routes, request.method ?? 'GET', target.pathname, target.search)
  const fields = await readFields(request)
  const bearer = () => readBearer(request)
  const apiKey = () => {
    const key = bearer()
    if (!isApiKey(key)) throw new ApiError(401, 'the API key is not known')
    return key
  }
  return route.answer({ parameters, query: target.searchParams, fields, bearer, apiKey })
}

/** Where a request goes. Anything may stand there, such as `//`, which resolved against a base is a URL without a host. */
function targetOf({ url = '/' }: IncomingMessage): URL | undefined {
  const absolute = url.startsWith('/') ? `http://emulator${url}` : url
  return URL.canParse(absolute) ? new URL(absolute) : undefined
}
