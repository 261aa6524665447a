import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApiError } from './api-error.ts'
import { type ApiReply, errorReply, readApiKey, readFields, writeReply } from './http-exchange.ts'
import { findRoute, type Route } from './route-table.ts'

/** Answers one request by its route. `apiKeys`: those that are accepted; undefined: any. Never rejects. */
export async function answerRequest(
  routes: readonly Route[],
  apiKeys: readonly string[] | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  writeReply(response, await replyTo(routes, apiKeys, request).catch(errorReply))
}

async function replyTo(
  routes: readonly Route[],
  apiKeys: readonly string[] | undefined,
  request: IncomingMessage,
): Promise<ApiReply> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://emulator')
  const { route, parameters } = findRoute(routes, request.method ?? 'GET', pathname)
  const fields = await readFields(request)
  const apiKey = () => {
    const key = readApiKey(request)
    if (apiKeys !== undefined && !apiKeys.includes(key)) throw new ApiError(401, 'the API key is not known')
    return key
  }
  return route.answer({ parameters, query: searchParams, fields, apiKey })
}
