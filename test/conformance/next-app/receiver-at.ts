import type { Receiver } from '@hookport/core'
import { auditedReceivers } from '../../../packages/conformance/test/audited-receivers.ts'

const receivers = auditedReceivers()

export function receiverAt(path: `/${string}`): Receiver {
  const receiver = receivers[path]
  if (!receiver) throw new Error(`no receiver at ${path}`)
  return receiver
}
