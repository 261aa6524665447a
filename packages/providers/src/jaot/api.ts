export { ManagementError, type ManagementErrorCode } from '../management/error.ts'
export type { JaotApiOptions, JaotCallOptions } from './call.ts'
export { type JaotApi, jaotApi } from './jaot-api.ts'
export {
  allRuns,
  type FiredRun,
  type FireTriggerOptions,
  fireTrigger,
  getRun,
  type ListRunsOptions,
  listRuns,
  type Run,
  type RunOptions,
  type RunPage,
  rerun,
} from './runs.ts'
export { type JaotRunsOptions, jaotRuns } from './runs-source.ts'
export {
  type CreatedTrigger,
  type CreateTriggerOptions,
  createTrigger,
  deleteTrigger,
  getTrigger,
  listTriggers,
  type Trigger,
  type TriggerModel,
  type TriggerOptions,
  toggleTrigger,
  type UpdateTriggerOptions,
  updateTrigger,
} from './triggers.ts'
