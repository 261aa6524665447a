import { isOfPage } from './rooms.ts'

/** A request, and what the server knows about it. */
export interface Arrival {
  readonly request: Request
  readonly url: URL
  /** From the header `Host`. */
  readonly host: string
  /** Where the connection comes from. Undefined where the platform does not say. */
  readonly remoteAddress: string | undefined
  /** Where the connection has led to on this machine. Undefined where the platform does not say. */
  readonly local: Local | undefined
  /** The framework's own request object. */
  readonly native: unknown
  /** The path at which the page is mounted, as in the request, without a slash at the end. */
  readonly base: string
  /** What is asked for. Empty: the page itself. */
  readonly room: '' | 'api' | 'assets'
  readonly name: string
}

/** An address and a port of this machine. */
interface Local {
  readonly address: string
  readonly port: number
}

/** What a mount may know about a request. */
export interface Surroundings {
  readonly remoteAddress?: string | undefined
  readonly local?: Local | undefined
  readonly native?: unknown
}

/** A path that ends in `/api/events`, `/assets/app.js` and so on is a part of the page. Any other is the page itself. So the page need not know where it is mounted. */
export function arrivalOf(request: Request, { remoteAddress, local, native }: Surroundings): Arrival {
  const url = new URL(request.url)
  const ending = /^(.*)\/(api|assets)\/([^/]+)$/.exec(url.pathname)
  const isInside = ending !== null && isOfPage(ending[2] ?? '', ending[3] ?? '', request)
  const [, before, room, name] = isInside ? ending : []
  return {
    request,
    url,
    host: request.headers.get('host') ?? url.host,
    remoteAddress,
    local,
    native,
    base: (before ?? url.pathname).replace(/\/$/, ''),
    room: (room ?? '') as Arrival['room'],
    name: name ?? '',
  }
}
