import { noProgress, type Progress, type Verdict } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import { expect, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { sentOn } from './support/sent-on.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

const progress: Progress = { completed: ['first'], abandoned: [] }
const failures = [{ handler: 'second', message: 'no', code: 'Error', at: 1 }]
const retry = { outcome: 'retry', delayMs: 60_000, progress, failures, attemptUsed: true } as const

const verdicts: Readonly<Record<string, Verdict>> = {
  done: { outcome: 'done', progress },
  handled: { outcome: 'done', progress, keepMs: 60_000 },
  dead: { outcome: 'dead', progress, failures },
  parked: { outcome: 'park', progress },
  failed: retry,
  waits: { ...retry, progress: noProgress, failures: [], attemptUsed: false, untilWanted: true },
  suspect: { ...retry, attemptUsed: false, keepInterruptions: true },
}

const told = { progress: JSON.stringify(progress), failures: null, attempt: 1, interruptions: 0 }
const whole = { ...told, interrupted_alone: 0, suspect: false, until_wanted: false }
const failed = { ...whole, failures: JSON.stringify(failures) }

const rows: Readonly<Record<string, object | undefined>> = {
  handled: { ...whole, rest: 'handled' },
  dead: { ...failed, rest: 'dead' },
  parked: { ...whole, rest: 'parked' },
  failed: { ...failed, rest: null, attempt: 2 },
  waits: { ...whole, rest: null, progress: null, until_wanted: true },
  suspect: { ...failed, rest: null, interruptions: 2, interrupted_alone: 1, suspect: true },
}

/** One consumer takes these, and tells all verdicts at the same moment. Answers what is in the table, by id. */
async function tellTogether(ids: readonly string[]) {
  const schema = newSchema()
  const pool = database.pool()
  const statements = sentOn(pool)
  const inbox = postgresInbox({ pool, schema })
  for (const id of ids) await inbox.put(sampleEvent(id), remembered)
  await database.ask(
    `UPDATE ${schema}.events SET interruptions = 2, interrupted_alone = 1 WHERE id = 'suspect'`,
  )
  let begun = 0
  let tell = () => {}
  const allBegun = new Promise<void>((resolve) => {
    tell = resolve
  })
  const consumer = inbox.consume(async ({ event }) => {
    begun += 1
    if (begun === ids.length) tell()
    await allBegun
    return verdicts[event.id] as Verdict
  }, consuming())
  await allBegun
  await consumer.stop()
  await inbox.close()
  const kept = await database.ask<{ id: string }>(
    `SELECT id, progress, failures, attempt, interruptions, interrupted_alone, suspect, until_wanted, rest
     FROM ${schema}.events WHERE lease_token IS NULL`,
  )
  const toldIn = statements.filter((statement) => /^SELECT .*tell_/.test(statement)).length
  return { toldIn, kept: Object.fromEntries(kept.map(({ id, ...row }) => [id, row])) }
}

test.each(Object.keys(verdicts))('a verdict by itself is stored as it was told: %s', async (id) => {
  const { kept } = await tellTogether([id])
  expect(kept[id]).toEqual(rows[id])
})

test('verdicts of all kinds in one statement are each stored as they were told', async () => {
  const { kept, toldIn } = await tellTogether(Object.keys(verdicts))
  expect(kept).toEqual(rows)
  expect(toldIn).toBe(1)
})
