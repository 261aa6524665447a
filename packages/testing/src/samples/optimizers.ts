import type { JsonObject } from '@hookport/core'
import { eventTypes, sampleEvent } from '@hookport/sender'
import { type Draft, numberOf, type Sampler } from './draft.ts'

export const sematryx: Sampler = {
  types: [
    'optimization.completed',
    ...eventTypes.sematryx.filter((type) => type !== 'optimization.completed'),
  ],
  sample({ type, id, at }) {
    const { data, ...envelope } = sampleEvent('sematryx', type, { at, seed: numberOf(id) })
    return { data, envelope: (data) => ({ ...envelope, id, data }) }
  },
}

/** JAOT sends no event ids: the id of a run or an execution is used instead. */
export const jaot: Sampler = {
  types: eventTypes.jaot,
  sample(draft: Draft) {
    const { data, ...envelope } = sampleEvent('jaot', draft.type, { at: draft.at, seed: numberOf(draft.id) })
    return { data, envelope: (data) => ({ ...envelope, data }) as JsonObject }
  },
}
