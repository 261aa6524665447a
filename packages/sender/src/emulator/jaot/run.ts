import type { EmulatedDelivery } from '../delivery-log.ts'

type RunStatus = 'pending' | 'running' | 'completed' | 'failed' | 'validation_failed'

/** One run of a trigger. */
export interface Run {
  readonly id: string
  readonly trigger_id: string
  readonly organization_id: string
  readonly override_data: unknown
  readonly source: 'manual' | 'rerun'
  status: RunStatus
  execution_id: string | null
  /** The solution. */
  result_data: unknown
  error_message: string | null
  execution_time_ms: number | null
  readonly created_at: string
  completed_at: string | null
  /** The deliveries of its end. */
  deliveries: readonly EmulatedDelivery[]
}

/** A run as JAOT shows it, with the state of its webhook. */
export function shownRun({ deliveries, ...run }: Run): object {
  const open = deliveries.some(({ state }) => state === 'pending')
  const delivered = deliveries.some(({ state }) => state === 'delivered')
  return {
    ...run,
    webhook_delivered: run.completed_at === null || open ? null : delivered,
    webhook_attempts: deliveries.reduce((sum, { attempts }) => sum + attempts.length, 0),
  }
}
