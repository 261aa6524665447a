import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { postgresInbox, postgresSchema } from '@hookport/postgres'
import { expect, onTestFinished, test } from 'vitest'
import { Layout } from '../src/layout/layout.ts'
import { storedStatements } from '../src/stored-statements.ts'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { sentOn } from './support/sent-on.ts'
import { testServer } from './support/test-server.ts'
import { textOf } from './support/text-of.ts'

const database = testServer({ autovacuum: 'off' })

function functionsOf(schema: string): Promise<{ name: string }[]> {
  return database.ask(
    'SELECT proname AS name FROM pg_proc WHERE pronamespace = $1::regnamespace ORDER BY proname',
    [schema],
  )
}

/** One event, from its delivery to its end. */
async function handleOne(inbox: ReturnType<typeof postgresInbox>, id: string): Promise<void> {
  expect(await inbox.put(sampleEvent(id), remembered)).toEqual({ outcome: 'accepted' })
  const consumer = inbox.consume(async ({ progress }) => ({ outcome: 'done', progress }), consuming())
  await consumer.idle()
  await consumer.stop()
  expect(await inbox.counts()).toMatchObject({ pending: 0, active: 0, dead: 0 })
  const claim = await inbox.claim(sampleEvent(`${id}-claimed`), { ...remembered, leaseMs: 60_000 })
  if (claim.outcome !== 'claimed') throw new Error(`it was ${claim.outcome}`)
  expect(await inbox.confirm(claim.lease, sampleEvent(`${id}-claimed`), remembered)).toBe(true)
}

test('what each event goes through is planned once: put, claimed, taken and told by calls of functions', async () => {
  const [schema, pool] = [newSchema(), database.pool()]
  const sent = sentOn(pool)
  const inbox = postgresInbox({ pool, schema })
  await handleOne(inbox, 'one')
  const names = new Set(
    sent.flatMap((text) => /^SELECT \* FROM "\w+"\.(\w+)_[0-9a-f]{8}\(/.exec(text)?.[1] ?? []),
  )
  expect([...names].sort()).toEqual(['claim', 'confirm', 'put', 'take_all', 'tell_and_take_all'])
  await inbox.close()
})

test('the plan that a connection keeps goes along the indexes, though it was made when the tables were empty', async () => {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema })
  await inbox.counts()
  const client = await database.pool().connect()
  onTestFinished(() => client.release())
  const statements = storedStatements(new Layout(schema, 'hookport'))
  for (const { name, sql, create } of statements) {
    const settings = create.slice(create.indexOf('LANGUAGE'), create.indexOf('AS $hookport$'))
    for (const [setting] of settings.matchAll(/SET \w+ = \w+/g)) await client.query(setting)
    const parameters = /^CREATE OR REPLACE FUNCTION [^(]+\(([^)]*)\)/.exec(create)?.[1] as string
    await client.query(`PREPARE ${name} (${parameters}) AS ${sql}`)
    const values = parameters.split(', ').map(() => 'NULL')
    const { rows } = await client.query(`EXPLAIN (COSTS OFF) EXECUTE ${name} (${values.join(', ')})`)
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    expect.soft(plan.match(/Seq Scan on (?!layout|gate)\w+/g) ?? [], `${name}\n${plan}`).toEqual([])
    if (name.includes('take')) {
      const picked = plan.slice(plan.indexOf('CTE picked'), plan.indexOf('CTE taken'))
      expect.soft(picked).toContain('Index Scan using events_by_due_at')
      expect.soft(picked).not.toContain('Sort')
    }
    if (/take_(hand_out|park|drop)/.test(name))
      expect.soft(plan).toMatch(/events_until_wanted on events.*\n\s+Index Cond: .*md5/)
  }
  await inbox.close()
})

test('a role that may not make functions, and a function that is gone, cost nothing but time', async () => {
  const schema = newSchema()
  await database.ask(postgresSchema({ schema }))
  const made = await functionsOf(schema)
  expect(made).toHaveLength(storedStatements(new Layout(schema, 'hookport')).length)
  const drop = async () => {
    for (const { name } of made) await database.ask(`DROP FUNCTION ${schema}.${name}`)
  }
  const pool = database.pool()
  const inbox = postgresInbox({ pool, schema })
  await handleOne(inbox, 'with-functions')
  await drop()
  await handleOne(inbox, 'without')
  await inbox.close()
  const role = `role_${schema}`
  await database.ask(`CREATE ROLE ${role} LOGIN; ${grantsOfReadme(schema, role)}`)
  const restricted = postgresInbox({
    pool: database.pool({ connectionString: database.server.url.replace('postgres@', `${role}@`) }),
    schema,
  })
  await handleOne(restricted, 'without-rights')
  expect(await functionsOf(schema)).toEqual([])
  await restricted.close()
})

test('functions that a role may not call, as where the database revokes that from all, cost nothing but time', async () => {
  const schema = newSchema()
  const role = `role_${schema}`
  await database.ask(postgresSchema({ schema }))
  await database.ask(`CREATE ROLE ${role} LOGIN; ${grantsOfReadme(schema, role)}`)
  await database.ask(`REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schema} FROM PUBLIC`)
  const inbox = postgresInbox({
    pool: database.pool({ connectionString: database.server.url.replace('postgres@', `${role}@`) }),
    schema,
  })
  await handleOne(inbox, 'without-rights')
  await inbox.close()
})

test('a function that is none of the inbox, as of a trigger that somebody has made, is told to be missing', async () => {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema })
  await inbox.counts()
  await database.ask(
    `CREATE FUNCTION ${schema}.audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM nowhere(); END $$`,
  )
  await database.ask(
    `CREATE TRIGGER audit BEFORE INSERT ON ${schema}.events FOR EACH ROW EXECUTE FUNCTION ${schema}.audit()`,
  )
  await expect(inbox.put(sampleEvent('one'), remembered)).rejects.toThrow('nowhere() does not exist')
  await inbox.close()
})

test('functions that are gone cost nothing but time where two statements find it at once', async () => {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema })
  const both = (id: string) =>
    Promise.all([
      inbox.put(sampleEvent(id), remembered),
      inbox.claim(sampleEvent(`${id}-claimed`), { ...remembered, leaseMs: 60_000 }),
    ])
  await both('one') // on two connections
  for (const { name } of await functionsOf(schema)) await database.ask(`DROP FUNCTION ${schema}.${name}`)
  expect(await both('two')).toMatchObject([{ outcome: 'accepted' }, { outcome: 'claimed' }])
  await inbox.close()
})

/** What the README grants to the role of an application. */
function grantsOfReadme(schema: string, role: string): string {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const [, sql = ''] = /^```sql\n(.*?)^```/ms.exec(readme) ?? []
  return sql.replaceAll('SCHEMA hookport', `SCHEMA ${schema}`).replaceAll('TO shop', `TO ${role}`)
}

test('a connection that breaks while the functions are made costs a try: they are made then', async () => {
  const [schema, pool] = [newSchema(), database.pool()]
  let breaks = 0
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown
    client.query = (async (...args: unknown[]) => {
      if (breaks === 0 && textOf(args[0]).startsWith('CREATE OR REPLACE FUNCTION')) {
        breaks += 1
        throw new Error('Connection terminated unexpectedly')
      }
      return query(...args)
    }) as never
  })
  const inbox = postgresInbox({ pool, schema })
  await handleOne(inbox, 'one')
  expect(breaks).toBe(1)
  expect(await functionsOf(schema)).toHaveLength(storedStatements(new Layout(schema, 'hookport')).length)
  await inbox.close()
})
