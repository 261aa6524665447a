import { sampleEvent } from '../samples/sample-event.ts'
import { addressedTo } from './address-event.ts'
import type { EmulatorState } from './emulator-state.ts'
import type { JaotTrigger } from './registrations.ts'

/** What JAOT reports of one run of a trigger. The documented form repeats the `overrideData` that the trigger was fired with. */
export function jaotRunEvent(
  { jaotForm, clock, nextSeed }: EmulatorState,
  trigger: JaotTrigger,
  outcome: 'completed' | 'failed',
  overrideData: unknown,
): { type: string; runId: string; event: object } {
  const type = jaotForm === 'documented' ? `trigger.run.${outcome}` : `trigger.execution.${outcome}`
  const sample = sampleEvent('jaot', type, { seed: nextSeed(), at: clock.now() })
  if (!('run_id' in sample)) {
    return { type, runId: String(sample.data.run_id), event: addressedTo(trigger, sample) }
  }
  const data = overrideData === undefined ? sample.data : { ...sample.data, override_data: overrideData }
  return { type, runId: sample.run_id, event: addressedTo(trigger, { ...sample, data }) }
}
