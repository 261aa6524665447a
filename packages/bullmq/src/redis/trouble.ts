/**
 * What a Redis answers that can't be written to, though the connection stands: a primary that was demoted, a replica, one that loads its data,
 * a cluster that is not in working order. Within scripts of Redis 6 it stands behind a hyphen.
 */
const notWritable = /(?:^|-)(?:READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|UNBLOCKED|TRYAGAIN)\b/

/** Whether another connection may lead to a Redis that can be written to. Nothing was done. */
export function isNotWritable(error: unknown): boolean {
  return error instanceof Error && notWritable.test(error.message)
}

/** Whether the connection broke before the reply came. What was asked for may have been done. */
export function isConnectionLost(error: unknown): boolean {
  return error instanceof Error && error.name !== 'ReplyError' && error.message !== 'Command timed out'
}

/** Whether Redis could make nothing of the first line of a script, which holds its flags. */
export function isUnknownFlag(error: unknown): boolean {
  return error instanceof Error && /compiling script/.test(error.message)
}

/** What one step of a script has failed with, where it failed alone. A Redis that can't be written to fails all: that is thrown. */
export function readFailure(message: string): Error {
  const error = new Error(message)
  if (isNotWritable(error)) throw error
  return error
}
