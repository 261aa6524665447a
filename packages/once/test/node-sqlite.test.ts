import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { onceIn } from '@hookport/once/node-sqlite'
import { recordedLogger } from '@hookport/testkit/logs'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { expect, onTestFinished, test, vi } from 'vitest'
import { describeOnce } from './support/describe-once.ts'
import { contextOf, eventOf } from './support/handling.ts'

describeOnce('node:sqlite', async () => {
  const database = new DatabaseSync(':memory:')
  database.exec('create table effects (id text)')
  return {
    open: (table = 'hookport_receipts', options = {}) => onceIn(database, { table, ...options }),
    write: (tx, id) => tx.prepare('insert into effects values (?)').run(id),
    tellsOfEnding: true,
    send: (tx, sql) => tx.exec(sql),
    run: async (sql) => database.prepare(sql).all(),
    isSynchronous: true,
    close: async () => database.close(),
  }
})

function opened() {
  const path = join(temporaryFolder(), 'app.db')
  const databases: DatabaseSync[] = []
  const open = () => {
    const database = new DatabaseSync(path)
    databases.push(database)
    return database
  }
  onTestFinished(() => {
    for (const database of databases) database.close()
  })
  const database = open()
  database.exec('create table effects (id text)')
  return { database, open }
}

test('an async apply is refused where it is named', () => {
  const once = onceIn(new DatabaseSync(':memory:'))
  // @ts-expect-error: the compiler refuses it too
  expect(() => once('save', async () => {})).toThrow(
    expect.objectContaining({ code: 'asynchronous', message: expect.stringContaining('apply of "save"') }),
  )
})

test('pruning lets its process do other work between two batches', async () => {
  const { database } = opened()
  const once = onceIn(database, { keepReceiptsFor: 1_000 })
  await once.migrate()
  database.exec(`with recursive n(i) as (select 1 union all select i + 1 from n where i < 3500)
    insert into hookport_receipts (event, handler, at) select 'acme:' || i, 'save', 0 from n`)
  const left: unknown[] = []
  const count = database.prepare('select count(*) as left from hookport_receipts')
  const timer = setInterval(() => left.push(count.get()?.left), 0)
  expect(await once.prune()).toBe(3_500)
  clearInterval(timer)
  expect(left).toContain(2_500)
})

test('old receipts that could not be deleted after an effect are deleted after one that takes place an hour later', async () => {
  const { database } = opened()
  const once = onceIn(database)
  await once.migrate()
  const { logger, lines } = recordedLogger()
  const took = async (id: string) => {
    await handler(eventOf({ id }), contextOf({ logger }))
    await new Promise(setImmediate)
    return database.prepare("select event from hookport_receipts where event like 'acme:old%'").all().length
  }
  const handler = once('save', () => {})
  database.exec(`insert into hookport_receipts (event, handler, at) values ('acme:old', 'save', 0);
    create trigger full before delete on hookport_receipts begin select raise(abort, 'disk full'); end`)
  expect(await took('first')).toBe(1)
  expect(lines).toHaveLength(1)
  database.exec('drop trigger full')
  const now = performance.now()
  onTestFinished(() => void vi.restoreAllMocks())
  vi.spyOn(performance, 'now').mockReturnValue(now + 3_590_000)
  expect(await took('within the hour')).toBe(1)
  vi.spyOn(performance, 'now').mockReturnValue(now + 3_600_000)
  expect(await took('after it')).toBe(0)
})

test('an apply that returns a promise fails, and nothing of it stays', async () => {
  const { database } = opened()
  const once = onceIn(database)
  await once.migrate()
  // @ts-expect-error: the compiler refuses it too
  const handler = once('save', (_, __, { tx }) => {
    tx.exec("insert into effects values ('half')")
    return Promise.reject(new Error('nobody hears of it'))
  })
  await expect(handler(eventOf(), contextOf())).rejects.toMatchObject({ code: 'asynchronous' })
  expect(database.prepare('select * from effects').all()).toEqual([])
  expect(database.isTransaction).toBe(false)
})

test('while another process writes to the file, it waits', async () => {
  const { database, open } = opened()
  const once = onceIn(database)
  await once.migrate()
  const other = open()
  other.exec("begin immediate; insert into effects values ('other')")
  const handler = once('save', ({ id }, _, { tx }) => tx.prepare('insert into effects values (?)').run(id))
  const handled = handler(eventOf(), contextOf())
  setTimeout(() => other.exec('commit'), 50)
  await handled
  expect(database.prepare('select * from effects').all()).toMatchObject([{ id: 'other' }, { id: 'evt_1' }])
})

test('while another process has the file to itself, as without WAL at each commit, what only reads or deletes receipts waits too', async () => {
  const { database, open } = opened()
  const once = onceIn(database)
  await once.migrate()
  const other = open()
  const handler = once('save', {
    load: ({ id }) => id,
    apply: (_, id, { tx }) => tx.prepare('insert into effects values (?)').run(id),
  })
  const whileLocked = async <Result>(run: () => Promise<Result>) => {
    other.exec('begin exclusive')
    setTimeout(() => other.exec('commit'), 50)
    return run()
  }
  await whileLocked(() => once.migrate())
  await whileLocked(() => handler(eventOf(), contextOf()))
  expect(database.prepare('select * from effects').all()).toMatchObject([{ id: 'evt_1' }])
  expect(await whileLocked(async () => once.receipts(eventOf()))).toEqual(['save'])
  expect(await whileLocked(() => once.prune())).toBe(0)
})

test('a file that stays locked is told after half of handlerTimeout, not hidden behind it', async () => {
  const { database, open } = opened()
  const once = onceIn(database)
  await once.migrate()
  const other = open()
  other.exec('begin immediate')
  const handler = once('save', () => {})
  await expect(handler(eventOf(), contextOf({ handlerTimeout: 200 }))).rejects.toThrow('database is locked')
  other.exec('commit; begin exclusive')
  const loads = once('loads', { load: () => 1, apply: () => {} })
  await expect(loads(eventOf(), contextOf({ handlerTimeout: 200 }))).rejects.toThrow('database is locked')
})

test('within a transaction of the application it says so, and leaves that alone', async () => {
  const { database } = opened()
  const once = onceIn(database)
  await once.migrate()
  database.exec('begin')
  await expect(once('save', () => {})(eventOf(), contextOf())).rejects.toMatchObject({
    code: 'invalid_option',
    message: expect.stringContaining('another transaction is open'),
  })
  expect(database.isTransaction).toBe(true)
})

test('on Node 22.13, which does not tell of transactions, one that fails is rolled back, and one of the application is left alone', async () => {
  const { database } = opened()
  const prepare = (sql: string) => {
    expect(sql).not.toMatch(/\?\d/) // a name to that version, which then lacks a value
    return database.prepare(sql)
  }
  const ofNode22 = { prepare, exec: database.exec.bind(database) }
  const once = onceIn(ofNode22 as unknown as DatabaseSync)
  await once.migrate()
  let fails = true
  const handler = once('save', ({ id }, _, { tx }) => {
    tx.prepare('insert into effects values (?)').run(id)
    if (fails) throw new Error('not yet')
  })
  await expect(handler(eventOf(), contextOf())).rejects.toThrow('not yet')
  expect(database.prepare('select * from effects').all()).toEqual([])
  fails = false
  await handler(eventOf(), contextOf())
  database.exec("begin; insert into effects values ('of the application')")
  await expect(handler(eventOf({ id: 'evt_2' }), contextOf())).rejects.toThrow(/another transaction is open/)
  database.exec('commit')
  expect(database.prepare('select id from effects').all()).toMatchObject([
    { id: 'evt_1' },
    { id: 'of the application' },
  ])
})
