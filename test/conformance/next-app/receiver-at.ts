import type { Receiver } from '@hookport/core'
import { auditedReceivers } from '@hookport/testkit/audits/audited-receivers'

const receivers = auditedReceivers()

export function receiverAt(path: `/${string}`): Receiver {
  const receiver = receivers[path]
  if (!receiver) throw new Error(`no receiver at ${path}`)
  return receiver
}

/** Where timers end with their request, what failed is tried again within a later one. */
export async function allIdle(): Promise<void> {
  await Promise.all(Object.values(receivers).map((receiver) => receiver.idle()))
}
