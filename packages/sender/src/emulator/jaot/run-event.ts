import { sampleEvent } from '../../samples/sample-event.ts'
import type { JaotForm } from '../../wire/wire-form.ts'
import { addressedTo } from '../address-event.ts'
import type { EmulatorState } from '../emulator-state.ts'
import type { JaotTrigger } from '../registrations.ts'

/** How a run may end. The documentation has no event for a run with invalid input. */
export type Outcome = 'completed' | 'failed' | 'validation_failed'

/** The event of one run of a trigger. The documented form repeats the `overrideData` that the trigger was fired with. */
export function runEvent(
  { jaotForm, clock, nextSeed }: EmulatorState,
  trigger: JaotTrigger,
  outcome: Outcome,
  overrideData: unknown,
): { type: string; runId: string; event: { data: Record<string, unknown> } } {
  const type = typeOf(outcome, jaotForm)
  const sample = addressedTo(trigger, sampleEvent('jaot', type, { seed: nextSeed(), at: clock.now() }))
  if (!('run_id' in sample)) return { type, runId: String(sample.data.run_id), event: sample }
  const { override_data: _, ...rest } = sample.data
  const data = overrideData === undefined ? rest : { ...rest, override_data: overrideData }
  return { type, runId: String(sample.run_id), event: { ...sample, data } }
}

function typeOf(outcome: Outcome, form: JaotForm): string {
  const isDocumented = form === 'documented' && outcome !== 'validation_failed'
  return `${isDocumented ? 'trigger.run' : 'trigger.execution'}.${outcome}`
}
