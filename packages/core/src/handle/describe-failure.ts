import type { Failure } from '../contracts/progress.ts'

const longestMessage = 4 * 1024
const longestStack = 16 * 1024

/** What a handler threw, as text of bounded length. It may throw anything, and nothing of it can make this throw. */
export function describeFailure(handler: string | null, error: unknown, at: number): Failure {
  const message = cut(
    textOf(() => (isObject(error) && 'message' in error ? error.message : error)),
    longestMessage,
  )
  const code = textOf(() => (isObject(error) && typeof error.code === 'string' && error.code) || 'error')
  const stack = textOf(() => (isObject(error) ? (error.stack ?? '') : ''))
  const failure = { handler, code: cut(code, 100), message, at }
  return stack === '' ? failure : { ...failure, stack: cut(stack, longestStack) }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Getters, `toString` and proxies are the thrower's code: they may throw, too. */
function textOf(read: () => unknown): string {
  try {
    const value = read()
    return typeof value === 'string' ? value : String(value)
  } catch {
    return 'what was thrown can not be read'
  }
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
