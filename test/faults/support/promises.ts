import { setTimeout as sleep } from 'node:timers/promises'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { expect, vi } from 'vitest'
import type { Effect } from '../processes/effect-log.ts'
import type { Delivered } from './deliver.ts'
import type { Stack } from './stack.ts'

/** `acceptTimeout` and a second. */
const latestReplyMs = 4_000

/** The bound holds for a process that is given the processor; one that waits for it gets a little more. */
const schedulingMs = 500

/** How long effects may take to come about once a fault is over. */
const patienceMs = 60_000

/** What is promised of every reply, whatever happens: it comes, it comes in time, and it says either 200 or 503. */
export function expectPromptReplies(delivered: readonly Delivered[]): void {
  const attempts = delivered.flatMap((one) => one.attempts)
  const statuses = new Set(attempts.map(({ status }) => status))
  expect([200, 503]).toEqual(expect.arrayContaining([...statuses]))
  const slowestMs = Math.max(...attempts.map(({ durationMs }) => durationMs))
  expect(slowestMs).toBeLessThan(latestReplyMs + schedulingMs)
}

/** The events that were refused before they were accepted. */
export function refused(delivered: readonly Delivered[]): Delivered[] {
  return delivered.filter(({ attempts }) => attempts.length > 1)
}

/** Waits until every event has had its effect, and asserts that nothing is left over: nothing kept, nothing dead, nobody harmed. */
export async function expectAllHandled(stack: Stack, delivered: readonly Delivered[]): Promise<void> {
  const missing = new Set(delivered.map(({ id }) => id))
  const deadline = Date.now() + patienceMs
  while (missing.size > 0 && Date.now() < deadline) {
    await sleep(100)
    for (const { id } of await stack.effects()) missing.delete(id)
  }
  expect([...missing], 'events answered 200 and never handled').toEqual([])
  await expectNothingKept(stack)
  for (const running of stack.processes) running.assertUnharmed()
}

/** Waits until nothing is left in the inbox. */
export async function expectNothingKept(stack: Stack): Promise<void> {
  const lookUp = async () => expect(await stack.inbox.counts()).toEqual(emptyCounts)
  await vi.waitFor(lookUp, { timeout: patienceMs, interval: 200 })
}

/** Effects of one handler on one event, where there are several. */
function repeats(effects: readonly Effect[]): Effect[][] {
  const byHandler = new Map<string, Effect[]>()
  for (const effect of effects) {
    const name = `${effect.id} ${effect.handler}`
    byHandler.set(name, [...(byHandler.get(name) ?? []), effect])
  }
  return [...byHandler.values()].filter(({ length }) => length > 1)
}

/** No effect was repeated. */
export async function expectEachEffectOnce(stack: Stack): Promise<void> {
  expect(repeats(await stack.effects())).toEqual([])
}

/**
 * An effect may be repeated where Redis could not be told of the first one before its lock ran out: the turn before was cut
 * off. A process loses no more than it has under work.
 */
export async function expectRepeatsOnlyAfterInterruptions(stack: Stack, mostRepeats: number): Promise<void> {
  const repeated = repeats(await stack.effects())
  for (const [, ...later] of repeated) {
    for (const { interruptions } of later) expect(interruptions).toBeGreaterThan(0)
  }
  expect(repeated.length).toBeLessThanOrEqual(mostRepeats)
}
