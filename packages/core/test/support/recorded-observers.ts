import type { Observations, Observers } from '@hookport/core'

type Recorded = { readonly [Name in keyof Observations]: Observations[Name][] }

export interface RecordedObservers extends Recorded {
  readonly observers: Required<Observers>
}

/** Observers that write down what they are told, each under its name. */
export function recordedObservers(): RecordedObservers {
  const recorded: Recorded = {
    accepted: [],
    duplicate: [],
    rejected: [],
    handled: [],
    failed: [],
    dead: [],
    parked: [],
    unhandled: [],
    redriven: [],
    reconciled: [],
    compared: [],
    skipped: [],
    replayed: [],
    fulfilled: [],
    overdue: [],
  }
  return {
    ...recorded,
    observers: {
      accepted: (observation) => recorded.accepted.push(observation),
      duplicate: (observation) => recorded.duplicate.push(observation),
      rejected: (observation) => recorded.rejected.push(observation),
      handled: (observation) => recorded.handled.push(observation),
      failed: (observation) => recorded.failed.push(observation),
      dead: (observation) => recorded.dead.push(observation),
      parked: (observation) => recorded.parked.push(observation),
      unhandled: (observation) => recorded.unhandled.push(observation),
      redriven: (observation) => recorded.redriven.push(observation),
      reconciled: (observation) => recorded.reconciled.push(observation),
      compared: (observation) => recorded.compared.push(observation),
      skipped: (observation) => recorded.skipped.push(observation),
      replayed: (observation) => recorded.replayed.push(observation),
      fulfilled: (observation) => recorded.fulfilled.push(observation),
      overdue: (observation) => recorded.overdue.push(observation),
    },
  }
}
