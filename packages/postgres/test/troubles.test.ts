import { postgresInbox, postgresSchema } from '@hookport/postgres'
import { expect, test } from 'vitest'
import { Layout, steps } from '../src/layout/layout.ts'
import { tableNames } from '../src/layout/tables.ts'
import { newSchema } from './support/new-schema.ts'
import { remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

function asRole(role: string): string {
  return database.server.url.replace('postgres@', `${role}@`)
}

test('a role that may not make the schema: the sentence names the grant, and with it the next put is accepted', async () => {
  const schema = newSchema()
  await database.ask('CREATE ROLE maker LOGIN')
  const inbox = postgresInbox({ pool: database.pool({ connectionString: asRole('maker') }), schema })
  await expect(inbox.put(sampleEvent('one'), remembered)).rejects.toThrow(
    /permission denied for database postgres\): GRANT CREATE ON DATABASE/,
  )
  await database.ask('GRANT CREATE ON DATABASE postgres TO maker')
  expect(await inbox.put(sampleEvent('one'), remembered)).toEqual({ outcome: 'accepted' })
  await inbox.close()
})

test('a role that may not make tables in its schema: the sentence names the grant and what an owner can run, and either is enough', async () => {
  await database.ask('CREATE ROLE tenant LOGIN')
  const pool = database.pool({ connectionString: asRole('tenant') })
  const inboxIn = async (schema: string) => {
    await database.ask(`CREATE SCHEMA ${schema}; GRANT USAGE ON SCHEMA ${schema} TO tenant`)
    const inbox = postgresInbox({ pool, schema, application: 'shop' })
    const put = () => Promise.resolve(inbox.put(sampleEvent('one'), remembered))
    const { message } = await put().then(
      () => new Error('was accepted'),
      (error: Error) => error,
    )
    const [create = '', ...onTables] =
      message.match(/GRANT .*? TO the role/g)?.map((grant) => grant.replace('the role', 'tenant')) ?? []
    return { inbox, put, message, create, onTables }
  }
  const [one, two] = [await inboxIn(newSchema()), await inboxIn(newSchema())]
  await database.ask(one.create)
  expect(await one.put()).toEqual({ outcome: 'accepted' })
  const [, schema, application] =
    /postgresSchema\({ schema: '(.*)', application: '(.*)' }\)/.exec(two.message) ?? []
  await database.ask(postgresSchema({ schema, application } as { schema: string; application: string }))
  for (const grant of two.onTables) await database.ask(grant)
  expect(await two.put()).toEqual({ outcome: 'accepted' })
  for (const { inbox } of [one, two]) await inbox.close()
})

test.each(['shop', 'Shop', 'order'])(
  'a role without rights on the tables: the sentence names the grants, and these are enough: %s',
  async (name) => {
    const schema = name === 'order' ? name : `${name}_${newSchema()}` // a word of SQL
    await database.ask('DROP ROLE IF EXISTS shop')
    await database.ask('CREATE ROLE shop LOGIN')
    await database.ask(postgresSchema({ schema }))
    const inbox = postgresInbox({ pool: database.pool({ connectionString: asRole('shop') }), schema })
    const error: Error = await Promise.resolve(inbox.put(sampleEvent('one'), remembered)).then(
      () => new Error('was accepted'),
      (error) => error,
    )
    expect(error.message).toContain(`permission denied for schema ${schema}`)
    const grants =
      error.message.match(/GRANT [^;]*/g)?.map((grant) => grant.replace('the role', 'shop')) ?? []
    expect(grants.length).toBe(3)
    for (const grant of grants) await database.ask(grant)
    expect(await inbox.put(sampleEvent('one'), remembered)).toEqual({ outcome: 'accepted' })
    expect(
      await inbox.put(sampleEvent('two', { origin: 'reconciled', aliases: ['acme:three'] }), remembered),
    ).toEqual({ outcome: 'accepted' })
    expect(await inbox.put(sampleEvent('three'), remembered)).toEqual({
      outcome: 'duplicate',
      conflict: false,
    })
    await inbox.close()
    await database.ask('DROP OWNED BY shop')
  },
)

test('a role that may not migrate the tables: the sentence names who can, and the grants for what that has created', async () => {
  const schema = newSchema()
  const older = new Layout(schema, 'hookport', steps.slice(0, 1))
  await older.ready((run) =>
    run(async <Row>(statement: unknown, values?: unknown[]) => {
      return (await database.ask(String(statement), values)) as Row[]
    }),
  )
  await database.ask('DROP ROLE IF EXISTS keeper')
  await database.ask('CREATE ROLE keeper LOGIN')
  const grantAll = async (sentence: string) => {
    const grants = sentence.match(/GRANT [^;]*/g)?.map((grant) => grant.replace('the role', 'keeper')) ?? []
    for (const grant of grants) await database.ask(grant)
    return grants.length
  }
  const inbox = postgresInbox({ pool: database.pool({ connectionString: asRole('keeper') }), schema })
  const refused = () =>
    Promise.resolve(inbox.put(sampleEvent('one'), remembered)).then(
      () => 'was accepted',
      (error: Error) => error.message,
    )
  expect(await grantAll(await refused())).toBe(3)
  const sentence = await refused()
  expect(sentence).toContain(
    `the schema ${schema} has layout version 1, and this version of @hookport/postgres needs ${steps.length}, but the database role may not change the tables (permission denied for schema ${schema}): as their owner, run hookport inbox counts --postgres URL --schema ${schema}, of the same version, which`,
  )
  const owner = postgresInbox({ pool: database.pool(), schema }) // as that command does
  await owner.counts()
  await owner.close()
  expect(await grantAll(sentence)).toBe(3)
  expect(await inbox.put(sampleEvent('one'), remembered)).toEqual({ outcome: 'accepted' })
  expect(await inbox.notes?.read('one')).toBeUndefined()
  await inbox.close()
  await database.ask('DROP OWNED BY keeper')
})

test('a pool that was ended: a put says in which order to end things', async () => {
  const pool = database.pool()
  const inbox = postgresInbox({ pool, schema: newSchema() })
  await inbox.counts()
  await pool.end()
  await expect(inbox.put(sampleEvent('one'), remembered)).rejects.toThrow(
    'the pool was ended before the inbox was closed',
  )
  await inbox.close()
})

test('a read-only database: a put is refused, with where to connect', async () => {
  const schema = newSchema()
  await database.ask(postgresSchema({ schema }))
  const pool = database.pool({ options: '-c default_transaction_read_only=on' })
  const inbox = postgresInbox({ pool, schema })
  await expect(inbox.put(sampleEvent('one'), remembered)).rejects.toThrow(
    /the database is read-only, as a standby is: connect the pool to the primary/,
  )
  expect(await inbox.findRisks?.()).toEqual([expect.stringContaining('default_transaction_read_only')])
  await inbox.close()
})

test('tables that were dropped while in use: a put is refused and says what was found, and the next ones find them made again, with their functions', async () => {
  const schema = newSchema()
  const pool = database.pool()
  const inbox = postgresInbox({ pool, schema })
  await inbox.counts()
  await database.ask(`DROP SCHEMA ${schema} CASCADE`)
  await expect(inbox.put(sampleEvent('one'), remembered)).rejects.toThrow(
    `the tables in schema ${schema} are not those that`,
  )
  expect(await inbox.put(sampleEvent('one'), remembered)).toEqual({ outcome: 'accepted' })
  expect(await inbox.put(sampleEvent('one'), remembered)).toEqual({ outcome: 'duplicate', conflict: false })
  const [made] = await database.ask<{ count: number }>(
    `SELECT count(*)::integer AS count FROM pg_proc WHERE pronamespace = '${schema}'::regnamespace`,
  )
  expect(made?.count).toBeGreaterThan(0)
  await inbox.close()
})

test('a table that was renamed while in use: a put is refused and says so, nothing is made anew, and once it is back puts are held', async () => {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema })
  await inbox.put(sampleEvent('one'), remembered)
  for (const [table, found] of [
    ['events', /relation ".*events" does not exist/],
    ['layout', /has a table \w+, and no table layout/],
  ] as const) {
    await database.ask(`ALTER TABLE ${schema}.${table} RENAME TO away`)
    await Promise.resolve(inbox.put(sampleEvent('two'), remembered)).catch(() => {})
    await expect(inbox.put(sampleEvent('two'), remembered)).rejects.toThrow(found)
    await database.ask(`ALTER TABLE ${schema}.away RENAME TO ${table}`)
  }
  expect(await inbox.put(sampleEvent('two'), remembered)).toEqual({ outcome: 'accepted' })
  expect(await inbox.counts()).toMatchObject({ pending: 2 })
  await inbox.close()
})

test('all tables truncated while in use: a put is refused, and the statement that it names is enough', async () => {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema, application: 'shop' })
  await inbox.put(sampleEvent('one'), remembered)
  const tables = tableNames.map((name) => `${schema}.${name}`)
  await database.ask(`TRUNCATE ${tables.join(', ')}`)
  const refusal = await Promise.resolve(inbox.put(sampleEvent('two'), remembered)).catch(String)
  const [, remedy = ''] = /layout in schema \w+ is empty.*(INSERT INTO .*)$/.exec(String(refusal)) ?? []
  await database.ask(remedy)
  expect(await inbox.put(sampleEvent('two'), remembered)).toEqual({ outcome: 'accepted' })
  await inbox.close()
})

test('where transactions are serializable by default, racing puts are not refused', async () => {
  const schema = newSchema()
  const options = '-c default_transaction_isolation=serializable'
  const inboxes = [1, 2, 3].map(() => postgresInbox({ pool: database.pool({ options }), schema }))
  await Promise.all(inboxes.map((inbox) => inbox.counts()))
  const events = Array.from({ length: 60 }, (_, index) => sampleEvent(`evt_${index}`))
  const results = await Promise.all(
    inboxes.flatMap((inbox) => events.map((event) => inbox.put(event, remembered))),
  )
  expect(results.filter(({ outcome }) => outcome === 'accepted').length).toBe(60)
  expect(await inboxes[0]?.findRisks?.()).toEqual([
    expect.stringContaining('transactions are serializable by default'),
  ])
  await Promise.all(inboxes.map((inbox) => inbox.close()))
})
