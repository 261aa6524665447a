/** Who looks. */
export interface Viewer {
  /** For the log: who has redriven what. */
  readonly name?: string | undefined
  /** Whether they may redrive and discard. Defaults to true. */
  readonly mayChange?: boolean | undefined
}

/** What `authorize` answers: all, nothing (403), who it is, or a reply of the application's own, such as a redirect to its sign-in. */
export type Access = boolean | Viewer | Response

/**
 * Says who may see the page. Called for every request.
 *
 * @param request with the headers and the URL as they came. Its body is not for reading.
 * @param native what the framework calls a request: Express's `req`, with its `user` and `session`; Fastify's; Hono's context. Undefined where the page
 * was called with a `Request` alone.
 */
export type Authorize = (
  request: Request,
  // biome-ignore lint/suspicious/noExplicitAny: of the application's framework, which is not known here
  native: any,
) => Access | undefined | Promise<Access | undefined>

/**
 * Whether an answer of `authorize` is a reply. By what it has, as there may be several classes of the name: Hono's server for Node puts one of its own
 * in the place of the platform's, and what `fetch` answers is of neither.
 */
export function isReply(access: Viewer | Response): access is Response {
  return access instanceof Response || ('status' in access && 'headers' in access)
}
