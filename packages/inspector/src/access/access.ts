/** Who views the page. */
export interface Viewer {
  /** For the log: who has redriven what. */
  readonly name?: string | undefined
  /** Whether they may redrive and discard. Defaults to true. Anything else means no, such as the 0 or null of a database. */
  readonly mayChange?: boolean | undefined
}

/** What `authorize` returns: true (full access), nothing (403), who it is, or the application's own reply, such as a redirect to its sign-in. */
export type Access = boolean | Viewer | Response

/**
 * Says who may see the page. Called for every request.
 *
 * @param request with the headers and the URL as they arrived. Do not read its body.
 * @param native the framework's own request: Express's `req`, with its `user` and `session`; Fastify's; Hono's context. Undefined if the page was called
 * with a `Request` only.
 */
export type Authorize = (
  request: Request,
  // biome-ignore lint/suspicious/noExplicitAny: its type depends on the application's framework
  native: any,
) => Access | undefined | Promise<Access | undefined>

/** Whether someone may change anything. */
export function canChange({ mayChange = true }: Viewer): boolean {
  return mayChange === true
}

/**
 * Whether `authorize` has returned a reply. It is recognised by its properties, as there may be several classes of that name: Hono's server for Node
 * replaces the platform's with its own, and what `fetch` returns belongs to neither.
 */
export function isReply(access: Viewer | Response): access is Response {
  return access instanceof Response || ('status' in access && 'headers' in access)
}
