import type { Arrival } from '../arrival.ts'
import { cookiesOf } from './cookies.ts'
import { Denial } from './denial.ts'
import { isLoopbackAddress, isLoopbackName } from './hosts.ts'
import { equalTexts, randomToken } from './secrets.ts'

const ticketsAtOnce = 8
const ticketMs = 15 * 60_000
const sessionMs = 12 * 60 * 60_000
const sessionsAtOnce = 32

/** What a proxy says of the client behind it. */
const forwarded = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

/**
 * The lock of a page without `authorize`: it opens on this machine alone, for who brings a token that was printed where only its operator
 * reads. The token is good once; the browser keeps a cookie in its place, for 12 hours.
 */
export class Lock {
  readonly #tickets = new Map<string, number>()
  readonly #sessions = new Map<string, number>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** A token that is good once, within 15 minutes. */
  ticket(): string {
    const ticket = randomToken()
    this.#tickets.set(ticket, this.#now() + ticketMs)
    keepLast(this.#tickets, ticketsAtOnce)
    return ticket
  }

  /** @throws {Denial} where the request does not come from this machine alone. */
  assertLocal({ request, host, remoteAddress }: Arrival): void {
    const isForwarded = forwarded.some((name) => request.headers.has(name))
    const isNear = remoteAddress === undefined || isLoopbackAddress(remoteAddress)
    if (isNear && !isForwarded && isLoopbackName(host)) return
    throw new Denial(
      403,
      'locked',
      'This page answers on its own machine only. To open it to others, give inspector() the option authorize, which says who may see it.',
    )
  }

  /** Whether the browser was let in before. */
  knows(arrival: Arrival): boolean {
    return cookiesOf(arrival.request, sessionCookie(arrival)).some((value) => {
      const until = lookUp(this.#sessions, value)
      return until !== undefined && this.#now() < until
    })
  }

  /** Uses a ticket up. Answers the session that it opens; undefined for one that is no good. */
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

/** Cookies are for all ports of a host, and for all that is mounted beside: two inspectors on one machine would take each other's. */
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
