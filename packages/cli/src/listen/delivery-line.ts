import type { Attempt } from '@hookport/sender'
import { isSuccess } from '../send/post.ts'
import { printableLine } from '../terminal/printable.ts'
import { paint, type Terminal } from '../terminal/terminal.ts'

/** The result of one delivery. */
export interface HeardDelivery {
  /** Milliseconds since 1970. */
  readonly at: number
  /** `accepted`, `duplicate`, `answered` for a handshake, or the code of the refusal. */
  readonly outcome: string
  /** The status of our own reply, before it was forwarded. */
  readonly status: number
  readonly reason: string | undefined
  readonly events: readonly { readonly key: string; readonly id: string; readonly type: string }[]
  /** The application's reply. Undefined if the delivery was not forwarded. */
  readonly forwarded: Attempt | undefined
}

/** For people, in one line. */
export function deliveryLine(delivery: HeardDelivery, terminal: Terminal): string {
  const { at, outcome, status, reason, events, forwarded } = delivery
  const time = new Date(at).toISOString().slice(11, 19)
  const isGood = status < 300 && (forwarded === undefined || isSuccess(forwarded))
  const what = events.map(({ type, id }) => `${type} ${id}`).join(', ')
  const told = [outcome, ...(reason === undefined ? [] : [`${status}: ${reason}`])].join(' ')
  const answer = forwarded && ` -> ${answerOf(forwarded)}`
  const line = printableLine(`${time}  ${what || 'a delivery'}  ${told}${answer ?? ''}`)
  return paint(terminal, isGood ? 'green' : 'red', line)
}

export function answerOf({ status, error, durationMs }: Attempt): string {
  return `${error ?? status} in ${Math.round(durationMs)} ms`
}

/** For programs, in one line. */
export function deliveryJson({ at, forwarded, ...delivery }: HeardDelivery): string {
  const { status, error, durationMs } = forwarded ?? {}
  return JSON.stringify({
    at: new Date(at).toISOString(),
    ...delivery,
    forwarded: forwarded ? { status, error, durationMs } : null,
  })
}
