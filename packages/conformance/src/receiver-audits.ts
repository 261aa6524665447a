import type { ReceiverAudit } from './audit.ts'
import { bodyLimitAudits } from './audits/body-limit.ts'
import { exactBytesAudits } from './audits/exact-bytes.ts'
import { freshnessAudits } from './audits/freshness.ts'
import { keptAndFinishedAudits } from './audits/kept-and-finished.ts'
import { neighbourAudits } from './audits/neighbours.ts'
import { onceAudits } from './audits/once.ts'
import { openAudits } from './audits/open.ts'
import { quickAudits } from './audits/quick.ts'
import { requestAudits } from './audits/requests.ts'
import { secrecyAudits } from './audits/secrecy.ts'
import { signatureAudits } from './audits/signatures.ts'
import { unhandledAudits } from './audits/unhandled.ts'
import { unreadableAudits } from './audits/unreadable.ts'

/** Everything that a receiver must do, as far as it can be seen over HTTP. */
export const receiverAudits: readonly ReceiverAudit[] = [
  ...exactBytesAudits,
  ...signatureAudits,
  ...onceAudits,
  ...keptAndFinishedAudits,
  ...unreadableAudits,
  ...unhandledAudits,
  ...quickAudits,
  ...openAudits,
  ...requestAudits,
  ...freshnessAudits,
  ...bodyLimitAudits,
  ...secrecyAudits,
  ...neighbourAudits,
]
