import { noProgress, type Verdict } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import { expect, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { remembered, sampleEvent } from './support/sample-event.ts'
import { asking, storeOn } from './support/store-on.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()
const done: Verdict = { outcome: 'done', progress: noProgress }
const retry: Verdict = { ...done, outcome: 'retry', delayMs: 0, failures: [], attemptUsed: true }
const replace: Verdict = { outcome: 'replace', event: sampleEvent('read'), ...remembered }

test.each<[string, Verdict, boolean, boolean]>([
  ['done', done, false, false],
  ['done, told with the next taking', done, false, true],
  ['to be tried again', retry, false, false],
  ['done, in order', done, true, false],
  ['replaced', replace, false, false],
])(
  'of verdicts that are told together, the one whose event another process has ended is told to have no effect: %s',
  async (_, verdict, isOrdered, withTaking) => {
    const schema = newSchema()
    const pool = database.pool()
    const inbox = postgresInbox({ pool, schema })
    for (const id of ['ended', 'held'])
      await inbox.put(sampleEvent(id, isOrdered ? { orderKey: `line of ${id}` } : {}), remembered)
    const store = storeOn(pool, schema)
    const { events } = await store.take(asking)
    expect(events.map(({ event }) => event.id)).toEqual(['ended', 'held'])
    await database.ask(`DELETE FROM ${schema}.events WHERE id = 'ended'`)
    const taking = withTaking && store.take(asking)
    const told = events.map((taken) => store.conclude(taken as never, verdict))
    expect(await Promise.all(told)).toEqual([false, true])
    await taking
    await inbox.close()
  },
)
