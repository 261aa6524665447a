import type { ReceiverAudit } from './audit.ts'
import { bodyLimitAudits } from './audits/arrival/body-limit.ts'
import { exactBytesAudits } from './audits/arrival/exact-bytes.ts'
import { requestAudits } from './audits/arrival/requests.ts'
import { keptAndFinishedAudits } from './audits/events/kept-and-finished.ts'
import { onceAudits } from './audits/events/once.ts'
import { openAudits } from './audits/events/open.ts'
import { unhandledAudits } from './audits/events/unhandled.ts'
import { unreadableAudits } from './audits/events/unreadable.ts'
import { neighbourAudits } from './audits/neighbours.ts'
import { quickAudits } from './audits/quick.ts'
import { freshnessAudits } from './audits/refusals/freshness.ts'
import { secrecyAudits } from './audits/refusals/secrecy.ts'
import { signatureAudits } from './audits/refusals/signatures.ts'

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
