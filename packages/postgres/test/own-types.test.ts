import { postgresInbox } from '@hookport/postgres'
import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

const types = Object.values(pg.types.builtins) as number[]
const usual = types.map((oid) => [oid, pg.types.getTypeParser(oid)] as const)

afterEach(() => {
  for (const [oid, parse] of usual) pg.types.setTypeParser(oid, parse)
})

/** Every byte, and what the two formats of bytea escape. */
const rawBody = Buffer.concat([
  Buffer.from(Array.from({ length: 256 }, (_, at) => at)),
  Buffer.from('\\x\\\\000\\'),
])

const parsers: [string, (text: string) => unknown][] = [
  ['BigInt, for whole numbers', (text) => (/^-?\d+$/.test(text) ? BigInt(text) : text)],
  ['the text as it comes', (text) => text],
  ['an object of its own', (text) => ({ text })],
]

test.each(parsers)(
  'whatever the application makes of its own queries’ values (%s): events are held, taken and listed as they were put',
  async (_, parse) => {
    for (const oid of types) pg.types.setTypeParser(oid, parse)
    const inbox = postgresInbox({ pool: database.pool(), schema: newSchema() })
    const event = sampleEvent('one', { rawBody, createdAt: 123.5, fingerprint: 2 ** 47 + 1 })
    expect(await inbox.put(event, remembered)).toEqual({ outcome: 'accepted' })
    expect(await inbox.put({ ...event, fingerprint: 7 }, remembered)).toEqual({
      outcome: 'duplicate',
      conflict: true,
    })
    expect(await inbox.counts()).toMatchObject({ pending: 1, dead: 0 })
    const { items } = await inbox.list({ state: 'pending' })
    expect(items).toMatchObject([{ key: event.key, state: 'pending' }])
    const kept = await inbox.get(event.key)
    expect(Buffer.from(kept?.rawBody ?? [])).toEqual(rawBody)
    await inbox.close()
  },
)

test('the older format of bytea, which a role can have, is read to the last byte', async () => {
  await database.ask('CREATE ROLE older LOGIN SUPERUSER')
  await database.ask("ALTER ROLE older SET bytea_output = 'escape'")
  const connectionString = database.server.url.replace('postgres@', 'older@')
  const inbox = postgresInbox({ pool: database.pool({ connectionString }), schema: newSchema() })
  await inbox.put(sampleEvent('one', { rawBody }), remembered)
  expect(Buffer.from((await inbox.get('acme:one'))?.rawBody ?? [])).toEqual(rawBody)
  await inbox.close()
})

test('a pool whose answers are binary is an error at start, as pg damages them', () => {
  expect(() => postgresInbox({ pool: new pg.Pool({ binary: true } as pg.PoolConfig) })).toThrow(
    /binary: true/,
  )
})

/** As the client of `@neondatabase/serverless`, which takes only bytes of its own kind for such within an array. */
function writingNoBytesInArrays(pool: pg.Pool): pg.Pool {
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown
    client.query = ((statement: unknown, values: unknown[] = []) => {
      const within = values.filter(Array.isArray).flat(2)
      if (within.some((value) => typeof value === 'object' && value !== null))
        return Promise.reject(new TypeError('r.replace is not a function'))
      return query(statement, values)
    }) as never
  })
  return pool
}

test('a pool of another make, whose client can not write bytes in an array, stores them to the last byte', async () => {
  const inbox = postgresInbox({ pool: writingNoBytesInArrays(database.pool()), schema: newSchema() })
  const held = { rawBody: new Uint8Array(rawBody) }
  const puts = ['one', 'two'].map((id) => inbox.put(sampleEvent(id, held), remembered))
  await Promise.all([...puts, inbox.put(sampleEvent('none', { rawBody: new Uint8Array() }), remembered)])
  const claim = async (id: string) => {
    const claimed = await inbox.claim(sampleEvent(id, held), { ...remembered, leaseMs: 60_000 })
    if (claimed.outcome !== 'claimed') throw new Error(`it was ${claimed.outcome}`)
    return claimed.lease
  }
  const burial = {
    rememberMs: remembered.rememberMs,
    progress: { completed: [], abandoned: [] },
    failures: [],
  }
  await inbox.bury?.(await claim('buried'), sampleEvent('buried', held), burial)
  for (const id of ['one', 'two', 'buried'])
    expect(Buffer.from((await inbox.get(`acme:${id}`))?.rawBody ?? [])).toEqual(rawBody)
  expect((await inbox.get('acme:none'))?.rawBody).toHaveLength(0)
  await inbox.close()
})
