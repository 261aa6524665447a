import { postgresInbox, postgresSchema } from '@hookport/postgres'
import { deferred } from '@hookport/testkit/deferred'
import { expect, test } from 'vitest'
import { Layout, steps } from '../src/layout/layout.ts'
import type { Statement } from '../src/layout/stored-statement.ts'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()
const known = steps.length
const newer = known + 1

test('ten inboxes that begin at once make the tables once', async () => {
  const schema = newSchema()
  const inboxes = Array.from({ length: 10 }, () => postgresInbox({ pool: database.pool({ max: 2 }), schema }))
  const results = await Promise.allSettled(inboxes.map((inbox) => inbox.counts()))
  expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 'fulfilled'))
  expect(await database.ask(`SELECT version, application FROM ${schema}.layout`)).toEqual([
    { version: known, application: 'hookport' },
  ])
  await Promise.all(inboxes.map((inbox) => inbox.close()))
})

test('the printed SQL makes what an inbox makes', async () => {
  const [printed, made] = [newSchema(), newSchema()]
  await database.ask(postgresSchema({ schema: printed }))
  await postgresInbox({ pool: database.pool(), schema: made }).counts()
  const look = (schema: string) =>
    database.ask(
      `SELECT c.relname, c.reloptions, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull,
         CASE WHEN c.relkind = 'i' THEN replace(pg_get_indexdef(c.oid), $1, 'here') END AS index
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
       WHERE c.relnamespace = $1::regnamespace ORDER BY c.relname, a.attnum`,
      [schema],
    )
  const tables = await look(printed)
  expect(tables.length).toBeGreaterThan(40)
  expect(tables).toEqual(await look(made))
  expect(await database.ask(`SELECT version, application FROM ${printed}.layout`)).toEqual([
    { version: known, application: 'hookport' },
  ])
  const inbox = postgresInbox({ pool: database.pool(), schema: printed })
  expect(await inbox.put(sampleEvent('one'), remembered)).toEqual({ outcome: 'accepted' })
  await inbox.close()
})

test('the printed SQL is one transaction, also for a program that sends each statement by itself', () => {
  const statements = postgresSchema()
    .replace(/^--.*$/gm, '')
    .trim()
  expect(statements).toMatch(/^BEGIN;/)
  expect(statements).toMatch(/COMMIT;$/)
})

test('a schema of a newer layout is refused with a sentence, and left as it is', async () => {
  const schema = newSchema()
  await database.ask(postgresSchema({ schema }))
  await database.ask(`UPDATE ${schema}.layout SET version = ${newer}`)
  const inbox = postgresInbox({ pool: database.pool(), schema })
  await expect(inbox.put(sampleEvent('one'), remembered)).rejects.toThrow(
    `the schema ${schema} has layout version ${newer}, and this version of @hookport/postgres knows ${known}: update the package`,
  )
  expect(await database.ask(`SELECT * FROM ${schema}.ids`)).toEqual([])
  await inbox.close()
})

test('an inbox that was running when another brought the schema to a newer layout writes nothing any more, and says so', async () => {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema })
  let turns = 0
  const gate = deferred()
  inbox.consume(
    async ({ progress }) => {
      turns += 1
      await gate.promise
      return { outcome: 'done', progress }
    },
    consuming({ concurrency: 1 }),
  )
  for (const id of ['one', 'two']) await inbox.put(sampleEvent(id), remembered)
  await expect.poll(() => turns).toBe(1)
  await database.ask(`UPDATE ${schema}.layout SET version = ${newer}`)
  await expect(inbox.put(sampleEvent('three'), remembered)).rejects.toThrow(`layout version ${newer}`)
  await expect(inbox.claim(sampleEvent('four'), { ...remembered, leaseMs: 1_000 })).rejects.toThrow(
    `layout version ${newer}`,
  )
  await expect(inbox.redrive('acme:two')).rejects.toThrow(`layout version ${newer}`)
  gate.resolve()
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(turns).toBe(1)
  expect(await database.ask(`SELECT key FROM ${schema}.events ORDER BY key`)).toEqual([
    { key: 'acme:one' },
    { key: 'acme:two' },
  ])
  await database.ask(`UPDATE ${schema}.layout SET version = ${known}`)
  await expect.poll(() => turns, { timeout: 15_000 }).toBe(2)
  await inbox.close()
})

test.each([
  ['before the verdict', false],
  ['between its two halves', true],
])(
  'an event is not lost that was to be replaced as the layout became newer %s: it is replaced once the process knows the layout',
  async (_, between) => {
    const schema = newSchema()
    const inbox = postgresInbox({ pool: database.pool(), schema })
    const setVersion = (version: number) => database.ask(`UPDATE ${schema}.layout SET version = ${version}`)
    const keys = async () => {
      const rows = await database.ask<{ key: string }>(`SELECT key FROM ${schema}.events`)
      return rows.map(({ key }) => key)
    }
    const begun = deferred()
    const gate = deferred()
    const trouble: string[] = []
    const logger = {
      ...consuming().logger,
      error: (_: object, message: string) => void trouble.push(message),
    }
    const consumer = inbox.consume(
      async ({ event }) => {
        begun.resolve()
        await gate.promise
        return { outcome: 'replace', event: { ...event, key: 'acme:read', id: 'read' }, rememberMs: 60_000 }
      },
      consuming({ concurrency: 1, logger }),
    )
    await inbox.put(sampleEvent('unread'), remembered)
    await begun.promise
    const locker = await database.pool({ max: 1 }).connect()
    if (between) {
      await locker.query(`BEGIN; LOCK TABLE ${schema}.ids IN ACCESS EXCLUSIVE MODE`)
      gate.resolve()
      const waits = () =>
        database.ask(`SELECT FROM pg_locks WHERE NOT granted AND relation = '${schema}.ids'::regclass`)
      await expect.poll(async () => (await waits()).length, { interval: 5, timeout: 10_000 }).toBe(1)
      await setVersion(newer)
      await locker.query('ROLLBACK')
    } else {
      await setVersion(newer)
      gate.resolve()
    }
    locker.release()
    await expect
      .poll(() => trouble, { timeout: 10_000 })
      .toContain("the inbox can't be told how handling ended")
    expect(await keys()).toEqual(['acme:unread'])
    const stopped = consumer.stop() // else what was put in its place is taken at once
    await setVersion(known)
    await stopped
    expect(await keys()).toEqual(['acme:read'])
    await inbox.close()
  },
  30_000,
)

test('a schema of version 1 is brought to the present one in place, and keeps its events', async () => {
  const schema = newSchema()
  const left = postgresInbox({ pool: database.pool(), schema })
  await left.put(sampleEvent('one'), remembered)
  await left.close()
  await database.ask(`DROP TABLE ${schema}.notes, ${schema}.leads, ${schema}.newest;
    DROP INDEX ${schema}.events_by_order, ${schema}.events_handled, ${schema}.events_listed;
    ALTER TABLE ${schema}.events DROP COLUMN order_rank, DROP COLUMN begun; UPDATE ${schema}.layout SET version = 1`)
  const inbox = postgresInbox({ pool: database.pool(), schema })
  expect(await inbox.put(sampleEvent('one'), remembered)).toMatchObject({ outcome: 'duplicate' })
  expect(await inbox.get('acme:one')).toMatchObject({ state: 'pending' })
  expect(await inbox.notes?.write('place', 'here', undefined)).toBe(true)
  expect(await database.ask(`SELECT version FROM ${schema}.layout`)).toEqual([{ version: known }])
  await inbox.close()
})

test('the schema of another application is refused, and so is one that has tables of somebody else', async () => {
  const [ours, foreign] = [newSchema(), newSchema()]
  await database.ask(postgresSchema({ schema: ours, application: 'shop' }))
  await database.ask(`CREATE SCHEMA ${foreign}; CREATE TABLE ${foreign}.events (id integer)`)
  const [first, second] = [ours, foreign].map((schema) =>
    postgresInbox({ pool: database.pool(), schema, application: 'blog' }),
  )
  await expect(first?.put(sampleEvent('one'), remembered)).rejects.toThrow(
    `the schema ${ours} belongs to the application shop, but this inbox belongs to blog`,
  )
  await expect(second?.put(sampleEvent('one'), remembered)).rejects.toThrow(
    `the schema ${foreign} has a table events, and no table layout: if it belongs to another application, give hookport a schema of its own`,
  )
  await Promise.all([first?.close(), second?.close()])
})

test('tables that can not be made for another reason than rights: it says that reason', async () => {
  const layout = new Layout('hookport', 'hookport')
  const isFull = async (statement: Statement) => {
    if (String(statement).includes('CREATE')) throw new Error('the disk is full')
    return [] // there is nothing yet
  }
  await expect(layout.ready((run) => run(isFull))).rejects.toThrow(/^the disk is full$/)
})

test('a schema that has other tables, of other names, is used beside them', async () => {
  const schema = newSchema()
  await database.ask(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.orders (id integer)`)
  const inbox = postgresInbox({ pool: database.pool(), schema })
  expect(await inbox.put(sampleEvent('one'), remembered)).toEqual({ outcome: 'accepted' })
  await inbox.close()
})

test('two schemas, and two applications, share a database and nothing else', async () => {
  const inboxes = ['shop', 'blog'].map((application) =>
    postgresInbox({ pool: database.pool(), schema: newSchema(), application }),
  )
  for (const inbox of inboxes)
    expect(await inbox.put(sampleEvent('one'), remembered)).toEqual({ outcome: 'accepted' })
  expect(inboxes[0]?.store).not.toBe(inboxes[1]?.store)
  await Promise.all(inboxes.map((inbox) => inbox.close()))
})
