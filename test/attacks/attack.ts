import type { RefusalCode } from '@hookport/core'

/** A reply. Without a code, it is not hookport's: the HTTP parser in front of it has refused the request. */
export interface Answer {
  readonly status: number
  readonly code?: RefusalCode
}

/**
 * How far an attack gets. `nowhere`: nothing of its body is parsed. `parser`: it is authentic, but nothing new is stored. `handler`: it is
 * authentic and an event, however odd. `dead letter`: its data does not fit its type.
 */
type Reach = 'nowhere' | 'parser' | 'handler' | 'dead letter'

/** What goes over the wire, byte for byte. */
export interface Sent {
  readonly bytes: Uint8Array
  /** What the handler shall see, where it comes to that. */
  readonly rawBody?: Uint8Array
  /** The id that it shall be handled under. */
  readonly id?: string
}

export interface Attack {
  /** Permanent: tests and the page name it. */
  readonly id: string
  /** The input, for the page. */
  readonly input: string
  /** @param now what the receiver's clock says */
  send(now: number): Sent
  /**
   * After the bytes: `wait` for the reply; `end`: say that no more will come; `hang up`: be gone, once the receiver reads; `stall`: send
   * no more, and let the receiver's clock go on by `bodyTimeout`. Defaults to `wait`.
   */
  readonly afterwards?: 'wait' | 'end' | 'hang up' | 'stall'
  /** In the order of the replies; empty for a sender that is gone before. */
  readonly answers: readonly Answer[]
  /** Where an adapter's server answers in another way, and why. */
  readonly except?: Readonly<Record<string, Partial<Attack> & { readonly why: string }>>
  /** The refusals that the receiver reports, where they are not those answered. */
  readonly reported?: readonly RefusalCode[]
  readonly reach: Reach
  /** How often handlers run. Defaults to once where it reaches them. */
  readonly runs?: number
}

/** An attack that takes more than a request. Its test is in a file of its own. */
export interface StagedAttack {
  readonly id: string
  readonly input: string
  readonly answer: string
  /** The test's file in this folder. Its name holds the id. */
  readonly file: string
}

export interface Section {
  readonly title: string
  readonly attacks: readonly Attack[]
}

export const accepted: Answer = { status: 200 }
export const missingSignature: Answer = { status: 401, code: 'missing_signature' }
export const invalidSignature: Answer = { status: 401, code: 'invalid_signature' }
export const staleEvent: Answer = { status: 400, code: 'stale_event' }
export const tooLarge: Answer = { status: 413, code: 'payload_too_large' }
export const unsupportedEncoding: Answer = { status: 415, code: 'unsupported_encoding' }
export const methodNotAllowed: Answer = { status: 405, code: 'method_not_allowed' }
export const requestTimeout: Answer = { status: 408, code: 'request_timeout' }
/** From Node's HTTP parser, before there is a request. */
export const noRequest: Answer = { status: 400 }
