export { ManagementError, type ManagementErrorCode } from '../management/error.ts'
export type { ManagementOptions } from '../management/request.ts'
export { type EnsuredWebhook, type EnsureWebhookOptions, ensureWebhook } from './ensure-webhook.ts'
export {
  type AllOptimizationsOptions,
  allOptimizations,
  getOptimization,
  type ListOptimizationsOptions,
  listOptimizations,
  type Optimization,
} from './optimizations.ts'
export { type SematryxOptimizationsOptions, sematryxOptimizations } from './optimizations-source.ts'
export { type RegisteredWebhook, type RegisterWebhookOptions, registerWebhook } from './register-webhook.ts'
export { type SematryxApi, sematryxApi } from './sematryx-api.ts'
