export { type AuditedPromise, AuditFailure, type ReceiverAudit } from './audit.ts'
export {
  addAuditHandlers,
  addAuditHandlersByType,
  auditHandler,
  type Instructions,
  localProbe,
  probeResponse,
} from './audit-handler.ts'
export {
  type AuditProvider,
  type EventParts,
  jaotAuditProvider,
  sematryxAuditProvider,
} from './audit-provider.ts'
export { type AuditResult, auditReceiver, runAudit, type Skips } from './audit-receiver.ts'
export type { AuditTarget } from './audit-target.ts'
export { brokenInbox, stuckInbox } from './faulty-inbox.ts'
export { holdBody, peekBody } from './hold-body.ts'
export { patchResponse } from './patch-response.ts'
export { type HandlerRun, httpProbe, type Probe } from './probe.ts'
export { receiverAudits } from './receiver-audits.ts'
