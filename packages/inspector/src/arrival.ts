import { isOfPage } from './rooms.ts'

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

/** Paths end in `/api/events`, `/assets/app.js` and so on, or else are the page: so that it need not be told where it is mounted. */
export function arrivalOf(request: Request, { remoteAddress, native }: Surroundings): Arrival {
  const url = new URL(request.url)
  const ending = /^(.*)\/(api|assets)\/([^/]+)$/.exec(url.pathname)
  const isInside = ending !== null && isOfPage(ending[2] ?? '', ending[3] ?? '', request)
  const [, before, room, name] = isInside ? ending : []
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
