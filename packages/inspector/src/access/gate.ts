import type { Arrival } from '../arrival.ts'
import type { ResolvedOptions } from '../options.ts'
import { changePage, lockedPage } from '../reply/pages.ts'
import { type Access, canChange, isReply, type Viewer } from './access.ts'
import { setCookie } from './cookies.ts'
import { Denial } from './denial.ts'
import { assertOwnChange, assertOwnHost, assertOwnPage } from './guards.ts'
import { hostForToken } from './hosts.ts'
import { Lock, sessionCookie } from './lock.ts'

/** The log says how to get in at most this often. */
const hintMs = 60_000

/** Decides who may come in. */
export class Gate {
  readonly lock: Lock
  readonly #options: ResolvedOptions
  #hintedAt = Number.NEGATIVE_INFINITY

  constructor(options: ResolvedOptions) {
    this.#options = options
    this.lock = new Lock(options.now)
  }

  /**
   * Lets a request in, or answers it.
   *
   * @throws {Denial} if it is refused.
   */
  async admit(arrival: Arrival): Promise<Viewer | Response> {
    const { hosts, authorize } = this.#options
    assertOwnPage(arrival)
    assertOwnHost(arrival, hosts)
    const access = authorize ? await authorize(arrival.request, arrival.native) : this.#unlock(arrival)
    const viewer = viewerOf(access)
    if (isReply(viewer) || arrival.request.method !== 'POST') return viewer
    assertOwnChange(arrival, hosts)
    if (!canChange(viewer)) throw new Denial(403, 'read_only', 'You may look here, but not change anything.')
    return viewer
  }

  #unlock(arrival: Arrival): Access {
    this.lock.assertLocal(arrival)
    if (this.lock.knows(arrival)) return {}
    const { request, url, room } = arrival
    const ticket = url.searchParams.get('token')
    // A browser that prefetches links would use it up.
    const isMeant = request.method === 'GET' && room === '' && !request.headers.has('sec-purpose')
    const session = ticket !== null && isMeant ? this.lock.open(ticket) : undefined
    if (session !== undefined) return changePage(arrival, setCookie(request, sessionCookie(arrival), session))
    if (room !== '') throw new Denial(401, 'locked', 'The page is locked: open the address in its log.')
    this.#hint(arrival)
    return lockedPage(ticket !== null)
  }

  #hint(arrival: Arrival): void {
    const now = this.#options.now()
    if (Math.abs(now - this.#hintedAt) < hintMs) return // the clock may have been set back
    this.#hintedAt = now
    const { url, base } = arrival
    const host = hostForToken(arrival, this.#options.hosts)
    this.#options.logger.warn(
      { url: `${url.protocol}//${host}${base || '/'}?token=${this.lock.ticket()}` },
      'the inspector is locked, as it has no authorize: open this address on this machine. It works once, within 15 minutes',
    )
  }
}

/** @throws {Denial} if there is no access. A list gives no access: it may be the rows that a database has found, and empty. */
function viewerOf(access: Access | undefined): Viewer | Response {
  if (access === true) return {}
  if (typeof access === 'object' && access !== null && !Array.isArray(access)) return access
  throw new Denial(403, 'forbidden', 'You may not see this page: its option authorize says so.')
}
