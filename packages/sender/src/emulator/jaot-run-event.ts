import { sampleEvent } from '../samples/sample-event.ts'
import type { EmulatorState } from './emulator-state.ts'
import type { JaotTrigger } from './registrations.ts'

/** What JAOT reports of one run of a trigger: the sample event, with the ids of this trigger and run. */
export function jaotRunEvent(
  { jaotForm, clock, nextSeed }: EmulatorState,
  trigger: JaotTrigger,
  outcome: 'completed' | 'failed',
  overrideData: unknown,
): { type: string; runId: string; event: object } {
  const type = jaotForm === 'documented' ? `trigger.run.${outcome}` : `trigger.execution.${outcome}`
  const sample = sampleEvent('jaot', type, { seed: nextSeed(), at: clock.now() })
  if ('run_id' in sample) {
    const data = overrideData === undefined ? sample.data : { ...sample.data, override_data: overrideData }
    return { type, runId: sample.run_id, event: { ...sample, trigger_id: trigger.id, data } }
  }
  const data = { ...sample.data, trigger_id: trigger.id, trigger_name: trigger.name }
  return { type, runId: String(sample.data.run_id), event: { ...sample, data } }
}
