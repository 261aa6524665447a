import { ConfigurationError } from '@hookport/core'

/**
 * The JSON of a request.
 *
 * @throws {ConfigurationError} for a value that JSON can't represent, with its path. For NaN, `JSON.stringify` would write null, which means
 * something else to the API.
 */
export function writeBody(body: object): string {
  const paths = new WeakMap<object, string>()
  try {
    return JSON.stringify(body, function (this: object, name: string, value: unknown) {
      const above = paths.get(this)
      const path = above ? `${above}.${name}` : name
      const flaw = flawOf(value)
      if (flaw !== undefined) throw new ConfigurationError(`${path} is ${flaw}, which JSON can't represent`)
      if (typeof value === 'object' && value !== null) paths.set(value, path)
      return value
    })
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigurationError(`the request can't be written as JSON: ${reason}`, { cause })
  }
}

function flawOf(value: unknown): string | undefined {
  if (typeof value === 'bigint') return `the bigint ${value}`
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : undefined
}

/** Lists of a provider have a few hundred items on a page. An answer of more bytes is none that we have asked for, and it may have no end. */
const mostBytes = 16 * 1024 * 1024

/** The body of an answer. Undefined where it is longer than any answer; then it is read no further. */
export async function readAnswer({ body }: Response): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of body ?? []) {
    length += piece.length
    if (length > mostBytes) return undefined // leaving the loop cancels the body
    pieces.push(piece)
  }
  return joined(pieces, length)
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = pieces
  if (pieces.length === 1 && first) return first
  const whole = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
