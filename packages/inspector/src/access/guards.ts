import type { Arrival } from '../arrival.ts'
import { cookiesOf, setCookie } from './cookies.ts'
import { Denial } from './denial.ts'
import { isOneOf } from './hosts.ts'
import { equalTexts, randomToken } from './secrets.ts'

const frames = new Set(['iframe', 'frame', 'embed', 'object', 'fencedframe'])

/** Refuses requests from pages of other sites, except a click on a link to the page. */
export function assertOwnPage({ request, room }: Arrival): void {
  const from = request.headers.get('sec-fetch-site')
  const destination = request.headers.get('sec-fetch-dest') ?? ''
  if (frames.has(destination)) throw new Denial(403, 'framed', "This page can't be shown in a frame.")
  if (from === null || from === 'same-origin' || from === 'none') return
  const isLink =
    request.method === 'GET' && room === '' && request.headers.get('sec-fetch-mode') === 'navigate'
  if (!isLink) throw new Denial(403, 'cross_site', 'This request came from a page of another site.')
}

/** Refuses names that somebody else's name server points to this machine (DNS rebinding). */
export function assertOwnHost({ host }: Arrival, hosts: readonly string[] | undefined): void {
  if (hosts === undefined || isOneOf(hosts, host)) return
  throw new Denial(
    403,
    'unknown_host',
    'This page is not available under this host: the option hosts lists those that are allowed.',
  )
}

const changeCookie = 'hookport-change'
const changeHeader = 'x-hookport-change'

/**
 * A change must come from our own page: the browser must name our origin, and the request needs a token that only a page of this origin can read. A form
 * of another site can send neither the header nor JSON.
 *
 * @throws {Denial} if it does not.
 */
export function assertOwnChange({ request, host }: Arrival, hosts: readonly string[] = []): void {
  if (!isSameOrigin(request, host, hosts))
    throw new Denial(
      403,
      'cross_site',
      'A change must come from the page itself. A proxy in front must pass on the host that the browser names, with its port.',
    )
  if (!(request.headers.get('content-type') ?? '').startsWith('application/json'))
    throw new Denial(415, 'not_json', 'A change must be sent as application/json.')
  const sent = request.headers.get(changeHeader) ?? ''
  const isOurs = cookiesOf(request, changeCookie).some((own) => own.length > 20 && equalTexts(own, sent))
  if (!isOurs) throw new Denial(403, 'change_token', 'The page is out of date: load it again.')
}

/** Newer browsers say where a request comes from, even if a proxy changes the host. Older ones, and all of them by plain http, send the origin alone. */
function isSameOrigin(request: Request, host: string, hosts: readonly string[]): boolean {
  const from = request.headers.get('sec-fetch-site')
  if (from !== null) return from === 'same-origin'
  const origin = /^https?:\/\/(.+)$/.exec(request.headers.get('origin') ?? '')?.[1]
  return origin !== undefined && (origin.toLowerCase() === host.toLowerCase() || isOneOf(hosts, origin))
}

/** The token that the browser has for changes, or a new one with the cookie that sets it. */
export function changeCookieOf(request: Request): { value: string; cookie: string | undefined } {
  const known = cookiesOf(request, changeCookie).find((value) => value.length > 20)
  if (known !== undefined) return { value: known, cookie: undefined }
  const value = randomToken()
  return { value, cookie: setCookie(request, changeCookie, value) }
}
