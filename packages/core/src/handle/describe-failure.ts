import type { Failure } from '../contracts/inbox/progress.ts'
import { reasonOf } from '../contracts/reason-of.ts'

const longestCode = 100
const longestMessage = 4 * 1024
const longestStack = 16 * 1024

/** Describes what a handler threw, in a text of bounded length. A handler may throw any value, and no value makes this function throw. */
export function describeFailure(handler: string | null, error: unknown, at: number): Failure {
  const message = textOf(() => reasonOf(error))
  const code = textOf(() => (isObject(error) && typeof error.code === 'string' ? error.code : ''))
  const stack = textOf(() => (isObject(error) ? (error.stack ?? '') : ''))
  return {
    handler,
    code: cut(code || 'error', longestCode),
    message: cut(message ?? "what was thrown can't be read", longestMessage),
    ...(stack && { stack: cut(stack, longestStack) }),
    at,
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Getters, `toString` and proxies are the thrower's code, and may throw too. Undefined then. */
function textOf(read: () => unknown): string | undefined {
  try {
    const value = read()
    return typeof value === 'string' ? value : String(value)
  } catch {
    return undefined
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const ellipsis = '…'

/** The beginning of a text: at most this many bytes of UTF-8, cut between characters. A copy, as a slice would keep the whole text in memory. */
function cut(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text
  const isWhole = encoder.encodeInto(text, new Uint8Array(bytes)).read === text.length
  if (isWhole) return text
  const beginning = new Uint8Array(bytes - encoder.encode(ellipsis).length)
  const { written } = encoder.encodeInto(text, beginning)
  return decoder.decode(beginning.subarray(0, written)) + ellipsis
}
