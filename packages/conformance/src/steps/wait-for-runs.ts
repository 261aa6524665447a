import { setTimeout as sleep } from 'node:timers/promises'
import { AuditFailure } from '../audit.ts'
import { post } from '../http/post-event.ts'
import { newEvent } from '../target/audit-event.ts'
import { type AuditTarget, defaultPatienceMs } from '../target/audit-target.ts'
import type { HandlerRun } from '../target/probe.ts'
import { expectAccepted, expectEqual } from './expect.ts'

const pollMs = 10

/** The obedient handler's runs for an event. */
export async function runsOf({ probe }: AuditTarget, id: string): Promise<readonly HandlerRun[]> {
  return (await probe.runs(id)).filter(({ handler }) => handler === 'obedient')
}

/** Waits until all handlers' runs for an event are as wanted. */
export async function waitForRuns(
  { probe, patienceMs = defaultPatienceMs }: AuditTarget,
  id: string,
  wanted: string,
  areThere: (runs: readonly HandlerRun[]) => boolean,
): Promise<readonly HandlerRun[]> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const runs = await probe.runs(id)
    if (areThere(runs)) return runs
    if (Date.now() > deadline) {
      const actual = runs.map(({ handler, attempt, outcome }) => ({ handler, attempt, outcome }))
      throw new AuditFailure(`handlers within ${patienceMs} ms`, { expected: wanted, actual })
    }
    await sleep(pollMs)
  }
}

/** Waits until the event is handled, and returns the run that succeeded. */
export async function waitForHandled(target: AuditTarget, id: string): Promise<HandlerRun> {
  const runs = await waitForRuns(target, id, 'the event is handled', (all) => all.some(isObedientSuccess))
  return runs.find(isObedientSuccess) as HandlerRun
}

function isObedientSuccess({ handler, outcome }: HandlerRun): boolean {
  return handler === 'obedient' && outcome === 'succeeded'
}

/** Sends another event and waits until it is handled. By then, anything that was wrongly taken on before has had its turn. */
export async function letHandlersCatchUp(target: AuditTarget, url = target.url): Promise<void> {
  const later = newEvent(target)
  expectAccepted(await post(target, { body: later.body, url }), 'the reply to a later event')
  await waitForHandled(target, later.id)
}

/** Checks that no handler has seen the event, although later ones are handled. */
export async function expectNoRun(target: AuditTarget, id: string): Promise<void> {
  await letHandlersCatchUp(target)
  expectEqual('runs of handlers', await target.probe.runs(id), [])
}

/** Checks that the event was handled once, although later ones are handled. */
export async function expectOneRun(target: AuditTarget, id: string, url = target.url): Promise<void> {
  await waitForHandled(target, id)
  await letHandlersCatchUp(target, url)
  expectEqual('number of times handled', (await runsOf(target, id)).length, 1)
}
