import { createHmac } from 'node:crypto'
import { describeBody, describeEvent, type EventDescription } from '../wire/describe-event.ts'
import { resolveWire, type Wire, type WireChoice } from '../wire/wire-form.ts'
import { serializeBody } from './serialize-body.ts'

/** A delivery ready to be posted, with header names and body bytes exactly as the provider sends them. */
export interface SignedDelivery {
  method: 'POST'
  headers: Record<string, string>
  body: Buffer
}

/** What signing needs besides the content. */
export type SigningOptions = WireChoice & {
  /**
   * The secret shared with the receiver, used as UTF-8 text. JAOT's includes its `whsec_` prefix. `null` means that the webhook was registered
   * without one, and the delivery has no signature.
   */
  secret: string | null
  /**
   * When the delivery is sent, for JAOT's `X-Jaot-Delivery-Timestamp`: a date, or ms since the epoch. Defaults
   * to the event's own timestamp, so that equal input gives equal output; without a readable one, to now.
   */
  sentAt?: Date | number | undefined
}

/**
 * Serialises an event as its provider does, and signs it.
 *
 * Throws `TypeError` for an empty secret, for a form of another provider, and for an event that JSON can't represent.
 */
export function signDelivery(options: SigningOptions & { event: object }): SignedDelivery {
  const wire = resolveWire(options)
  const body = Buffer.from(serializeBody(wire, options.event), 'utf8')
  return toDelivery(wire, options, body, describeEvent(wire.provider, options.event))
}

/**
 * Signs a body unchanged, JSON or not, for deliveries that are authentic but unusual.
 *
 * Throws `TypeError` for an empty secret, for a form of another provider, and, in Sematryx's `reserialized` form, `SyntaxError` for a body that is
 * not JSON.
 */
export function signBody(options: SigningOptions & { body: string | Uint8Array }): SignedDelivery {
  const wire = resolveWire(options)
  const body = Buffer.from(options.body)
  return toDelivery(wire, options, body, describeBody(wire.provider, body))
}

function toDelivery(
  wire: Wire,
  options: SigningOptions,
  body: Buffer,
  event: EventDescription,
): SignedDelivery {
  const headers: Record<string, string> = { 'Content-Type': 'application/json' }
  if (wire.form === 'real') {
    headers['User-Agent'] = 'JAOT-Webhook/1.0'
    if (event.type !== null) headers['X-Jaot-Event'] = event.type
    const sentAt = Number(options.sentAt ?? event.time ?? Date.now())
    headers['X-Jaot-Delivery-Timestamp'] = String(Math.floor(sentAt / 1000))
  }
  if (options.secret !== null) Object.assign(headers, signatureHeader(wire, options.secret, body))
  return { method: 'POST', headers, body }
}

function signatureHeader(wire: Wire, secret: string, body: Buffer): Record<string, string> {
  if (secret === '')
    throw new TypeError('secret is empty: give a string, or null to send without a signature')
  switch (wire.form) {
    case 'documented':
      return { 'X-JAOT-Signature': hmacHex(secret, body) }
    case 'real':
      return { 'X-Jaot-Signature': `sha256=${hmacHex(secret, body)}` }
    case 'reserialized':
      return { 'X-Sematryx-Signature': hmacHex(secret, reserialize(body)) }
    default:
      return { 'X-Sematryx-Signature': hmacHex(secret, body) }
  }
}

function hmacHex(secret: string, content: string | Buffer): string {
  return createHmac('sha256', Buffer.from(secret, 'utf8')).update(content).digest('hex')
}

function reserialize(body: Buffer): string {
  return JSON.stringify(JSON.parse(body.toString('utf8')))
}
