import { AssertionError } from 'node:assert'
import { AuditFailure, receiverAudits } from '@hookport/conformance'
import { type InboxHarness, inboxSuite } from '@hookport/conformance/inbox'
import { startTwin } from '../start-twin.ts'
import { memoryHarness } from '../support/memory-harness.ts'
import { sharedHarness } from '../support/shared-harness.ts'
import { inboxesAnswering } from './inbox-answering.ts'
import { probing, replying } from './receiver-answering.ts'
import { slowInbox } from './slow-inbox.ts'
import type { Answers } from './wrong-answers.ts'

/** A test of the inbox suite, or an audit, over something that is sound but for its answers. */
export interface Subject {
  readonly id: string
  /** Rejects where the test does. */
  run(answers: Answers): Promise<void>
  /** Over an inbox that is right, and slow. */
  runSlowly?(): Promise<void>
}

/** Long enough for what happens at all, short enough for what never does. */
const patienceMs = 250
const patientMs = 20_000
/** Limits the time on a clock that is moved by whoever waits: the slower an inbox, the faster it goes. */
const onTheClock = 'I132'

/** What the memory inbox can't do, or does otherwise as it is not durable. */
const notOfMemory = { ...memoryHarness().skip, I101: 'it leaves nothing to others' }

const inboxTests: readonly Subject[] = inboxSuite.map(({ id, run }) => {
  const harnessOf = id in notOfMemory ? sharedHarness : memoryHarness
  const waitsMs = id in notOfMemory ? 3 * patienceMs : patienceMs
  return {
    id,
    run: (answers) => run(countingMoves(harnessOf(inboxesAnswering(answers), waitsMs), answers)),
    ...(id !== onTheClock && { runSlowly: () => run(harnessOf(slowInbox, patientMs)) }),
  }
})

function countingMoves(harness: InboxHarness, answers: Answers): InboxHarness {
  return {
    ...harness,
    async createStore() {
      const store = await harness.createStore()
      const { advance, loseLeases, expireLeases } = store
      const moving = (act: () => Promise<void>) => {
        answers.move()
        return act()
      }
      return {
        ...store,
        ...(advance && {
          // Whoever waits for something moves the clock by a tenth of a unit
          advance: (ms: number) => (ms === harness.timeUnitMs / 10 ? advance(ms) : moving(() => advance(ms))),
        }),
        ...(loseLeases && { loseLeases: () => moving(loseLeases) }),
        ...(expireLeases && { expireLeases: () => moving(expireLeases) }),
      }
    },
  }
}

const audits: readonly Subject[] = receiverAudits.map(({ id, run }) => ({
  id,
  async run(answers) {
    const { target, stop } = await startTwin({
      name: 'one wrong answer',
      answer: replying(answers),
      parseJson: (body) => {
        answers.move()
        return answers.of('parsed', JSON.parse(body.toString()))
      },
    })
    const probe = probing(target.probe, answers)
    await run({ ...target, probe, patienceMs: 4 * patienceMs }).finally(stop)
  },
}))

export const subjects: readonly Subject[] = [...inboxTests, ...audits]

/** Whether a test says that it is its subject that is wrong. */
export function isRejection(error: unknown): boolean {
  return error instanceof AssertionError || error instanceof AuditFailure
}
