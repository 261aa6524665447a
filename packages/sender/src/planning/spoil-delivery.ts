import type { Random } from '../random/random.ts'
import type { OutgoingRequest } from '../sending/send-attempt.ts'

/** Changes one byte of the body. Length and headers stay the same. */
export function tampered(request: OutgoingRequest, random: Random): OutgoingRequest {
  const body = Buffer.from(request.body)
  const position = random.integer(0, Math.max(0, body.length - 1))
  if (body.length > 0) body[position] = (body[position] ?? 0) ^ 1
  return { ...request, body }
}

/** Replaces the digits of the signature by other hex digits. */
export function wronglySigned(request: OutgoingRequest, random: Random): OutgoingRequest {
  return withSignature(request, (signature) => signature.replace(/[0-9a-f]{64}/, () => random.hex(64)))
}

/** Cuts the signature to half its length. */
export function cutSignature(request: OutgoingRequest): OutgoingRequest {
  return withSignature(request, (signature) => signature.slice(0, Math.floor(signature.length / 2)))
}

/** Removes the signature header. */
export function unsigned(request: OutgoingRequest): OutgoingRequest {
  return withSignature(request, () => undefined)
}

/** The body in ten pieces, over about `slowMs`. */
export function slowed(request: OutgoingRequest, slowMs: number): OutgoingRequest {
  const pieceBytes = Math.max(1, Math.ceil(request.body.length / 10))
  return { ...request, pace: { ...request.pace, pieceBytes, pauseMs: slowMs / 9 } }
}

/** Ends the connection somewhere in the body. */
export function aborted(request: OutgoingRequest, random: Random): OutgoingRequest {
  const abortAfterBytes = random.integer(1, Math.max(1, request.body.length - 1))
  return { ...request, pace: { ...request.pace, abortAfterBytes } }
}

function withSignature(
  request: OutgoingRequest,
  change: (signature: string) => string | undefined,
): OutgoingRequest {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    const changed = name.toLowerCase().endsWith('-signature') ? change(value) : value
    if (changed !== undefined) headers[name] = changed
  }
  return { ...request, headers }
}
