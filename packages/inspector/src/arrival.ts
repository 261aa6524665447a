/** A request, and what is known of it beside what it says of itself. */
export interface Arrival {
  readonly request: Request
  readonly url: URL
  /** Of the header `Host`. */
  readonly host: string
  /** Where the connection comes from. Undefined where the platform does not say. */
  readonly remoteAddress: string | undefined
  /** What the framework calls a request. */
  readonly native: unknown
  /** Where the page is mounted, as the request has it, without a slash at the end. */
  readonly base: string
  /** What is asked for. Empty: the page itself. */
  readonly room: '' | 'api' | 'assets'
  readonly name: string
}

/** What a mount may know. */
export interface Surroundings {
  readonly remoteAddress?: string | undefined
  readonly native?: unknown
}

/** Paths end in `/api/NAME` or `/assets/NAME`, or else are the page: so that it need not be told where it is mounted. */
export function arrivalOf(request: Request, { remoteAddress, native }: Surroundings): Arrival {
  const url = new URL(request.url)
  const [, before, room, name] = /^(.*)\/(api|assets)\/([^/]+)$/.exec(url.pathname) ?? []
  return {
    request,
    url,
    host: request.headers.get('host') ?? url.host,
    remoteAddress,
    native,
    base: (before ?? url.pathname).replace(/\/$/, ''),
    room: (room ?? '') as Arrival['room'],
    name: name ?? '',
  }
}
