import type { Arrival } from '../arrival.ts'
import { cookiesOf } from './cookies.ts'
import { Denial } from './denial.ts'
import { isLoopbackAddress, isLoopbackName } from './hosts.ts'
import { equalTexts, randomToken } from './secrets.ts'

/** More than the log gives out within 15 minutes, one a minute: strangers can have it do so, and must not put out one that was asked for. */
const ticketsAtOnce = 32
const ticketMs = 15 * 60_000
const sessionMs = 12 * 60 * 60_000
const sessionsAtOnce = 32

/** Headers in which a proxy names the client behind it. */
const forwarded = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

/**
 * The lock of a page without `authorize`. It opens only on this machine, and only with a token that was printed where only the operator reads. The
 * token works once. Then the browser has a cookie instead, for 12 hours.
 */
export class Lock {
  readonly #tickets = new Map<string, number>()
  readonly #sessions = new Map<string, number>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** A token that works once, within 15 minutes. */
  ticket(): string {
    const ticket = randomToken()
    this.#tickets.set(ticket, this.#now() + ticketMs)
    keepLast(this.#tickets, ticketsAtOnce)
    return ticket
  }

  /** @throws {Denial} if the request does not come directly from this machine. */
  assertLocal({ request, host, remoteAddress }: Arrival): void {
    const isForwarded = forwarded.some((name) => request.headers.has(name))
    const isNear = remoteAddress === undefined || isLoopbackAddress(remoteAddress)
    if (isNear && !isForwarded && isLoopbackName(host)) return
    throw new Denial(
      403,
      'locked',
      'This page only answers on its own machine. To open it to others, give inspector() the option authorize, which says who may see it.',
    )
  }

  /** Whether this browser has been let in. */
  knows(arrival: Arrival): boolean {
    return cookiesOf(arrival.request, sessionCookie(arrival)).some((value) => {
      const until = lookUp(this.#sessions, value)
      return until !== undefined && this.#now() < until
    })
  }

  /** Uses up a ticket. Returns the session that it opens, or undefined if it is not valid. */
  open(ticket: string): string | undefined {
    const until = lookUp(this.#tickets, ticket)
    this.#tickets.delete(ticket)
    if (until === undefined || this.#now() >= until) return undefined
    const session = randomToken()
    this.#sessions.set(session, this.#now() + sessionMs)
    keepLast(this.#sessions, sessionsAtOnce)
    return session
  }
}

/** A cookie is sent to all ports of a host, and to other mounted pages. So its name is specific: otherwise two inspectors on one machine would use each other's. */
export function sessionCookie({ host, base }: Pick<Arrival, 'host' | 'base'>): string {
  const port = /:(\d+)$/.exec(host)?.[1] ?? '80'
  return `hookport-session-${port}${base.replace(/[^\w-]/g, '_')}`
}

function lookUp(known: ReadonlyMap<string, number>, asked: string): number | undefined {
  let found: number | undefined
  for (const [secret, until] of known) if (equalTexts(secret, asked)) found = until
  return found
}

function keepLast(map: Map<string, number>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return
    map.delete(key)
  }
}
