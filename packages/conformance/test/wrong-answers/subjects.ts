import { AssertionError } from 'node:assert'
import { AuditFailure, receiverAudits } from '@hookport/conformance'
import { inboxSuite } from '@hookport/conformance/inbox'
import { type Answer, deliveryOf, writeWell } from '../broken-twins/broken-twin.ts'
import { startTwin } from '../start-twin.ts'
import { memoryHarness } from '../support/memory-harness.ts'
import { sharedHarness } from '../support/shared-harness.ts'
import { type Answers, inboxAnswering } from './wrong-answers.ts'

/** A test of the inbox suite, or an audit, over something that is sound but for its answers. */
export interface Subject {
  readonly id: string
  /** Rejects where the test does. */
  run(answers: Answers): Promise<void>
}

/** Long enough for what happens at all, short enough for what never does. */
const patienceMs = 250

const notOfMemory = memoryHarness().skip ?? {}

const inboxTests: readonly Subject[] = inboxSuite.map(({ id, run }) => ({
  id,
  run: (answers) =>
    run(
      id in notOfMemory
        ? sharedHarness((inbox) => inboxAnswering(inbox, answers), 3 * patienceMs)
        : memoryHarness((inbox) => inboxAnswering(inbox, answers), patienceMs),
    ),
}))

const audits: readonly Subject[] = receiverAudits.map(({ id, run }) => ({
  id,
  async run(answers) {
    const { target, stop } = await startTwin({ name: 'one wrong answer', answer: answering(answers) })
    const { probe } = target
    const told = { runs: async (eventId: string) => answers.of('probe.runs', await probe.runs(eventId)) }
    await run({ ...target, probe: told, patienceMs: 4 * patienceMs }).finally(stop)
  },
}))

function answering(answers: Answers): Answer {
  return async (request, response, receiver) => {
    const right = await receiver.receive(deliveryOf(request))
    const { status, headers, body } = answers.of('reply', right) ?? right
    writeWell(response, { ...right, status, headers: headers ?? {}, body: body ?? '' })
  }
}

export const subjects: readonly Subject[] = [...inboxTests, ...audits]

/** Whether a test says that it is its subject that is wrong. */
export function isRejection(error: unknown): boolean {
  return error instanceof AssertionError || error instanceof AuditFailure
}
