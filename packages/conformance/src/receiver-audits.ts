import type { ReceiverAudit } from './audit.ts'
import { bodyLimitAudits } from './audits/body-limit.ts'
import { exactBytesAudits } from './audits/exact-bytes.ts'
import { keptAndFinishedAudits } from './audits/kept-and-finished.ts'
import { neighbourAudits } from './audits/neighbours.ts'
import { onceAudits } from './audits/once.ts'
import { openAudits } from './audits/open.ts'
import { payloadAudits } from './audits/payloads.ts'
import { quickAudits } from './audits/quick.ts'
import { requestAudits } from './audits/requests.ts'
import { secrecyAudits } from './audits/secrecy.ts'
import { signatureAudits } from './audits/signatures.ts'

/** What every receiver must do that can be seen over HTTP, in the order of ids. */
export const receiverAudits: readonly ReceiverAudit[] = [
  ...exactBytesAudits,
  ...signatureAudits,
  ...onceAudits,
  ...keptAndFinishedAudits,
  ...quickAudits,
  ...openAudits,
  ...requestAudits,
  ...payloadAudits,
  ...bodyLimitAudits,
  ...secrecyAudits,
  ...neighbourAudits,
]
