/** What the command answers to the shell. */
export const exitCodes = {
  /** Everything as it should be. */
  ok: 0,
  /** It was done, and the answer is no: an unexpected reply, a signature that does not match, no such event. */
  no: 1,
  /** The command line is wrong. */
  usage: 2,
  /** It could not be done: a file, a port or a store is not to be had. */
  failed: 3,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** The command line is wrong. The message says how, and what is near. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** It can't be done. The message is for the person at the terminal. */
export class Failure extends Error {
  override readonly name = 'Failure'
}
