import { isHookportError } from '@hookport/core'

/** The exit codes for the shell. */
export const exitCodes = { ok: 0, no: 1, usage: 2, failed: 3 } as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'all is well',
  no: 'done, and the answer is no: an unexpected reply, a signature that does not match, no such event',
  usage: 'the command line is wrong',
  failed: 'it could not be done: a file, a port or a store is not available',
}

/** The command line is wrong. The message says what was found and what was wanted. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Whether the command line is wrong: also where an inbox, a receiver or the page refuses a value of it as an option. A file of SQLite that can't be used, such
 * as one on a full disk, has a `problem` of its own.
 */
export function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true
  return isHookportError(error) && error.code === 'invalid_option' && !('problem' in error)
}

/** The command could not do it. The message is for the person at the terminal. */
export class Failure extends Error {
  override readonly name = 'Failure'
}
