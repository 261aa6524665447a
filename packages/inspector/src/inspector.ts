import type { IncomingMessage, ServerResponse } from 'node:http'
import { isHookportError, type Logger } from '@hookport/core'
import { pageFiles } from '#page'
import { isReply } from './access/access.ts'
import { Denial } from './access/denial.ts'
import { Gate } from './access/gate.ts'
import { changeCookieOf } from './access/guards.ts'
import { Api } from './api/api.ts'
import { type Arrival, arrivalOf, type Surroundings } from './arrival.ts'
import { endsOf, socketIn } from './mounts/ends-of.ts'
import { type FastifyMount, fastifyMount } from './mounts/fastify.ts'
import { answerNode } from './mounts/node.ts'
import { type InspectorOptions, resolveOptions, silent } from './options.ts'
import { appPage, refusalPage } from './reply/pages.ts'
import { json, reply } from './reply/replies.ts'
import { type Inspected, storesOf } from './stores.ts'

/** The page, to be mounted. It finds out by itself under which path. */
export interface Inspector {
  /** For Express, connect and `node:http`: `app.use('/hookport', inspector(receivers))`. */
  (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void): Promise<void>
  /** For the Web standard: `app.all('/hookport/*', (c) => page.fetch(c.req.raw, c))` in Hono. `native` is passed to `authorize`. */
  fetch(request: Request, native?: unknown): Promise<Response>
  /** Route handlers of Next: `export const { GET, POST } = inspector(…)` in `app/hookport/[[...path]]/route.ts`. */
  readonly GET: (request: Request, native?: unknown) => Promise<Response>
  /** Like `GET`, for changes that the page makes. */
  readonly POST: (request: Request, native?: unknown) => Promise<Response>
  /** A plugin of Fastify: `app.register(page.fastify, { prefix: '/hookport' })`. */
  readonly fastify: FastifyMount
  /** A token that opens a locked page once, within 15 minutes. Add it to the address of the page as `?token=`. */
  ticket(): string
  /** Ends the live updates of open pages, so that a server can close. The inboxes stay open. */
  close(): void
}

/**
 * A page that shows what receivers have accepted: what waits, what failed and why, with a button to run it again.
 *
 * Without `authorize` it is locked: it answers on loopback only, and only requests with a one-time token, which its log prints.
 *
 * @param inspected receivers, what an adapter has made of them, or inboxes. All events of their inboxes are shown.
 * @throws {ConfigurationError} for an unknown option, a value that can't work, or nothing to show.
 */
export function inspector(inspected: Inspected, options: InspectorOptions = {}): Inspector {
  const stores = storesOf(inspected)
  const receivers = stores.flatMap(({ receivers }) => receivers)
  const resolved = resolveOptions(options, {
    logger: receivers[0]?.logger ?? silent,
    redact: receivers.flatMap(({ redact }) => redact ?? []),
  })
  const gate = new Gate(resolved)
  const api = new Api(stores, resolved)

  async function answer(arrival: Arrival): Promise<Response> {
    const { method } = arrival.request
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST')
      throw new Denial(405, 'method_not_allowed', `This page does not accept ${method}.`)
    const viewer = await gate.admit(arrival)
    if (isReply(viewer)) return viewer
    if (arrival.room === 'api') return await api.answer(arrival, viewer)
    if (method === 'POST') throw new Denial(405, 'method_not_allowed', 'This page does not accept POST.')
    return arrival.room === 'assets' ? asset(arrival.name) : page(arrival)
  }

  async function handle(request: Request, surroundings: Surroundings): Promise<Response> {
    const arrival = arrivalOf(request, surroundings)
    try {
      return await answer(arrival)
    } catch (error) {
      return refusal(arrival, error, resolved.logger)
    }
  }

  const fetch = (request: Request, native?: unknown) =>
    handle(request, { ...endsOf(socketIn(native)), native })
  const close = () => api.live.close()
  const answering = { handle, logger: resolved.logger }
  const mounted = (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) =>
    answerNode(answering, request, response, next)
  return Object.assign(mounted, {
    fetch,
    GET: fetch,
    POST: fetch,
    fastify: fastifyMount(answering, close),
    ticket: () => gate.lock.ticket(),
    close,
  })
}

function page(arrival: Arrival): Response {
  return appPage(arrival, changeCookieOf(arrival.request).cookie)
}

function asset(name: string): Response {
  const file = Object.hasOwn(pageFiles, name) ? pageFiles[name as keyof typeof pageFiles] : undefined
  if (file === undefined) throw new Denial(404, 'not_found', `there is no ${name}`)
  return reply(file.text, file.contentType, {
    headers: { 'cache-control': 'private, max-age=31536000, immutable' },
  })
}

/** Errors go to the log. Only a denial is shown to whoever asked. */
function refusal({ room }: Arrival, error: unknown, logger: Logger): Response {
  const denial = error instanceof Denial ? error : failure(error, logger)
  return room === 'api'
    ? json({ error: denial.code, message: denial.message }, denial.status)
    : refusalPage(denial.message, denial.status)
}

/** What inboxes say of a filter or a cursor that they can't use: an address that was cut off, or is of another inbox. */
function isAboutQuestion(err: unknown): err is Error {
  return isHookportError(err) && err.code === 'invalid_option' && /^(list|counts): /.test(err.message)
}

function failure(err: unknown, logger: Logger): Denial {
  if (isAboutQuestion(err)) return new Denial(400, 'invalid', err.message)
  logger.error({ err }, 'the inspector failed to answer')
  if (isHookportError(err)) return new Denial(503, err.code, err.message)
  return new Denial(503, 'unavailable', 'The inbox could not be read. The log of this process says why.')
}
