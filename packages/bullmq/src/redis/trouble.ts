import { InboxClosedError, reasonOf } from '@hookport/core'
import { ReplyError } from 'ioredis'
import { otherLayout } from '../scripts/parts/prelude.ts'

/**
 * The errors of a Redis that can't be written to, although the connection is open: a primary that was demoted, a replica, one that is loading its
 * data, a cluster that is down. In scripts of Redis 6 a hyphen comes before them.
 */
const notWritable = /(?:^|-)(?:READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|UNBLOCKED|TRYAGAIN)\b/

/** Whether another connection may lead to a Redis that can be written to. The call has not run. */
export function isNotWritable(error: unknown): boolean {
  return error instanceof Error && notWritable.test(error.message)
}

/** Whether Redis answered with an error. The name of the class is that of another copy of ioredis; in a bundle it may have any. */
export function isReply(error: Error): boolean {
  return error instanceof ReplyError || error.name === 'ReplyError'
}

/** Whether the connection broke before the reply came. The call may have run. */
export function isConnectionLost(error: unknown): boolean {
  return error instanceof Error && !isReply(error) && !isTimeout(error)
}

/** Whether the reply did not come in time. It may still come. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Command timed out'
}

/** Whether ioredis says how often it has tried, and not what was wrong. */
export function isAboutRetries(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Reached the max retries per request limit')
}

/** Whether Redis rejected the first line of a script, which has its flags. */
export function isUnknownFlag(error: unknown): boolean {
  return error instanceof Error && /compiling script/.test(error.message)
}

/** The error of one step of a script that failed alone. It throws where Redis can't be written to, as then all steps fail. */
export function readFailure(message: string): Error {
  const error = new Error(message)
  if (isNotWritable(error)) throw error
  return error
}

/** @param cause the last error of the connection. It is over where there is an open one. */
export function unreachableError(status: string, cause: unknown): Error {
  const unready = status === 'connect' && 'it does not say that it is ready, so it may be loading its data'
  const said = unready || (cause instanceof Error && reasonOf(cause))
  return new Error(`Redis can't be reached${said ? `: ${said}` : ''}`, { cause })
}

export function closedError(): InboxClosedError {
  return new InboxClosedError(
    'the BullMQ inbox was closed, by close() or because its last receiver was stopped: create a new one',
  )
}

/** The layout that a script has found, where that is another one. */
export function layoutIn(error: unknown): number | undefined {
  const found =
    error instanceof Error ? new RegExp(`${otherLayout} (\\S+)`).exec(error.message)?.[1] : undefined
  return found === undefined ? undefined : Number(found)
}
