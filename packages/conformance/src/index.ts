export { type AuditedPromise, AuditFailure, type ReceiverAudit } from './audit.ts'
export { type AuditResult, auditReceiver, runAudit, type Skips } from './audit-receiver.ts'
export { brokenInbox, stuckInbox } from './faulty-inbox.ts'
export { holdBody, peekBody } from './hold-body.ts'
export { patchResponse } from './patch-response.ts'
export { receiverAudits } from './receiver-audits.ts'
export {
  addAuditHandlers,
  addAuditHandlersByType,
  auditHandler,
  type Instructions,
  localProbe,
  probeResponse,
} from './target/audit-handler.ts'
export {
  type AuditProvider,
  type EventParts,
  jaotAuditProvider,
  sematryxAuditProvider,
} from './target/audit-provider.ts'
export type { AuditTarget } from './target/audit-target.ts'
export { type HandlerRun, httpProbe, type Probe } from './target/probe.ts'
