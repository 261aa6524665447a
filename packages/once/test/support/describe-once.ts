import type { Once, OnceOptions } from '@hookport/once'
import { deferred } from '@hookport/testkit/deferred'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { contextOf, eventOf } from './handling.ts'

/** A client on a database that has a table `effects` with a column `id`. */
export interface OnceBench<Tx> {
  /** A new one over the same database, with the table of receipts of this name. */
  // biome-ignore lint/suspicious/noExplicitAny: where nothing can be waited for, apply returns less
  open(table?: string, options?: Omit<OnceOptions, 'table'>): Once<Tx, any>
  /** Writes an effect. What it returns is waited for where it is a promise. */
  write(tx: Tx, id: string): unknown
  /** Runs SQL within the transaction. */
  send(tx: Tx, sql: string): unknown
  /** Runs SQL outside of any transaction. */
  run(sql: string): Promise<readonly unknown[]>
  readonly isSynchronous?: boolean
  /** Whether it says so where `apply` has ended the transaction. Clients of SQLite fail by an error of their own. */
  readonly tellsOfEnding?: boolean
  close(): Promise<void>
}

const impossible = 'insert into nowhere values (1)'

/** What `once` promises, on any client. */
export function describeOnce<Tx>(name: string, start: () => Promise<OnceBench<Tx>>): void {
  describe(name, () => {
    let bench: OnceBench<Tx>
    beforeAll(async () => {
      bench = await start()
      await bench.open().migrate()
    }, 60_000)
    afterAll(() => bench?.close(), 60_000)
    beforeEach(async () => {
      for (const table of ['effects', 'hookport_receipts']) await bench.run(`delete from ${table}`)
    })

    const effects = async () =>
      (await bench.run('select id from effects order by id')).map((row) => (row as { id: string }).id)
    const saves = (once: ReturnType<typeof bench.open>, id?: string) =>
      once('save', (event, _, { tx }) => bench.write(tx, id ?? event.id))

    test('what apply writes takes place once for an event, however often it is handled', async () => {
      const [one, other] = [saves(bench.open()), saves(bench.open())]
      for (const handler of [one, other, one]) await handler(eventOf(), contextOf())
      await one(eventOf({ id: 'evt_2' }), contextOf())
      expect(await effects()).toEqual(['evt_1', 'evt_2'])
    })

    test('two handlers have an effect each', async () => {
      const once = bench.open()
      const mails = once('mail', (_, __, { tx }) => bench.write(tx, 'mailed'))
      for (const handler of [saves(once), mails, mails]) await handler(eventOf(), contextOf())
      expect(await effects()).toEqual(['evt_1', 'mailed'])
    })

    test('it tells which handlers have had their effect of an event, and of an alias that was reconciled', async () => {
      const once = bench.open()
      const event = eventOf({ aliases: ['acme:alias'] })
      const [save] = [saves(once), once('mail', (_, __, { tx }) => bench.write(tx, 'mailed'))]
      expect(await once.receipts(event)).toEqual([])
      await save(event, contextOf())
      expect(await once.receipts(event)).toEqual(['save'])
      expect(await once.receipts({ key: 'acme:alias', origin: 'reconciled' })).toEqual(['save'])
      expect(await once.receipts({ key: 'acme:evt_2', origin: 'delivery' })).toEqual([])
    })

    test('of many at once, one has the effect, and all succeed', async () => {
      const handlers = Array.from({ length: 8 }, () => saves(bench.open()))
      await Promise.all(handlers.map((handler) => handler(eventOf(), contextOf())))
      expect(await effects()).toEqual(['evt_1'])
    })

    test('many events at once have an effect each, also where another fails meanwhile', async () => {
      const ids = Array.from({ length: 24 }, (_, index) => `evt_${index + 100}`)
      const handler = bench.open()('save', (event, _, { tx }) => {
        const written = bench.write(tx, event.id)
        if (event.id !== 'broken') return written
        const fail = () => {
          throw new Error('broken')
        }
        return bench.isSynchronous ? fail() : Promise.resolve(written).then(fail)
      })
      const other = saves(bench.open())
      const all = ids.map((id, index) => (index % 2 ? handler : other)(eventOf({ id }), contextOf()))
      const broken = handler(eventOf({ id: 'broken' }), contextOf())
      await expect(broken).rejects.toThrow('broken')
      await Promise.all(all)
      expect(await effects()).toEqual(ids)
    })

    test('where apply fails nothing of it stays, and the next attempt has the effect', async () => {
      let isBroken = true
      const handler = bench.open()('save', (event, _, { tx }) => {
        const written = bench.write(tx, event.id)
        if (!isBroken) return written
        const fail = () => {
          throw new Error('broken')
        }
        return bench.isSynchronous ? fail() : Promise.resolve(written).then(fail)
      })
      await expect(handler(eventOf(), contextOf())).rejects.toThrow('broken')
      expect(await effects()).toEqual([])
      isBroken = false
      await handler(eventOf(), contextOf())
      expect(await effects()).toEqual(['evt_1'])
    })

    test('what apply leaves behind writes nothing once it has ended: neither outside of the transaction nor in that of another', async () => {
      if (bench.isSynchronous) return
      const [late, another] = [deferred(), deferred()]
      const refused: unknown[] = []
      let isBroken = true
      const afterwards = async (tx: Tx, id: string) => {
        await late.promise
        await bench.write(tx, id)
      }
      const handler = bench.open()('save', async ({ id }, _, { tx }) => {
        await bench.write(tx, id)
        void afterwards(tx, `${id} too`).catch((error) => refused.push(error))
        if (isBroken) throw new Error('broken')
      })
      await expect(handler(eventOf(), contextOf())).rejects.toThrow('broken')
      isBroken = false
      await handler(eventOf(), contextOf())
      const other = bench.open()('other', async (_, __, { tx }) => {
        late.resolve()
        await another.promise
        await bench.write(tx, 'other')
      })(eventOf(), contextOf())
      await expect.poll(() => refused.length).toBe(2)
      another.resolve()
      await other
      expect(await effects()).toEqual(['evt_1', 'other'])
    })

    test('what runs beside a part that fails has no effect', async () => {
      if (bench.isSynchronous) return
      let isBroken = true
      const parts = ['first', 'second', 'third', 'fourth']
      const handler = bench.open()('save', ({ id }, _, { tx }) =>
        Promise.all([
          isBroken ? Promise.reject(new Error('broken')) : undefined,
          ...parts.map((part) => bench.write(tx, `${id} ${part}`)),
        ]),
      )
      await expect(handler(eventOf(), contextOf())).rejects.toThrow('broken')
      isBroken = false
      await handler(eventOf(), contextOf())
      expect(await effects()).toEqual(parts.map((part) => `evt_1 ${part}`).sort())
    })

    test('load runs outside of the transaction, before it, and not where there is a receipt', async () => {
      let loads = 0
      const handler = bench.open()('save', {
        load: async ({ id }) => {
          loads += 1
          expect(await effects()).toEqual([])
          return `loaded for ${id}`
        },
        apply: (_, loaded, { tx }) => bench.write(tx, loaded),
      })
      await handler(eventOf(), contextOf())
      await handler(eventOf(), contextOf())
      expect(await effects()).toEqual(['loaded for evt_1'])
      expect(loads).toBe(1)
    })

    test('a delivery and what is reconciled of it have one effect, in either order', async () => {
      const handler = saves(bench.open())
      const reconciled = { origin: 'reconciled' as const }
      const run = (id: string) => ({ aliases: [`acme:run:${id}`] })
      await handler(eventOf({ id: 'a', ...run('1') }), contextOf())
      await handler(eventOf({ id: 'b', ...reconciled, ...run('1') }), contextOf())
      await handler(eventOf({ id: 'c', ...reconciled, ...run('2') }), contextOf())
      await handler(eventOf({ id: 'd', ...run('2') }), contextOf())
      await handler(eventOf({ id: 'run:3' }), contextOf())
      await handler(eventOf({ id: 'e', ...reconciled, ...run('3') }), contextOf())
      expect(await effects()).toEqual(['a', 'c', 'run:3'])
    })

    test('load is not run either for what came the other way before, but for an event that only shares a name', async () => {
      const loaded: string[] = []
      const load = ({ id }: { id: string }) => void loaded.push(id)
      const handler = bench.open()('save', { load, apply: () => {} })
      const aliases = ['acme:run:1']
      await handler(eventOf({ id: 'a', aliases }), contextOf())
      await handler(eventOf({ id: 'b', aliases, origin: 'reconciled' }), contextOf())
      await handler(eventOf({ id: 'c', aliases }), contextOf())
      await handler(eventOf({ id: 'run:1' }), contextOf())
      expect(loaded).toEqual(['a', 'c', 'run:1'])
    })

    test('events of one origin that share an alias are not one, and each has its effect once', async () => {
      const handler = saves(bench.open())
      const aliases = ['acme:run:1', 'acme:run:0']
      const events = [{ id: 'a', aliases }, { id: 'b', aliases }, { id: 'run:1' }, { id: 'c', aliases }]
      for (const event of [...events, ...events]) await handler(eventOf(event), contextOf())
      expect(await effects()).toEqual(['a', 'b', 'c', 'run:1'])
    })

    test('a redrive that wants the effect again has it again, once', async () => {
      const handler = saves(bench.open())
      for (const replay of [undefined, 'r1', 'r1', undefined, 'r2'])
        await handler(eventOf(), contextOf({ replay }))
      expect(await effects()).toEqual(['evt_1', 'evt_1', 'evt_1'])
    })

    test.each([2 ** 31, 1e12])('it works with a handlerTimeout of %d ms', async (handlerTimeout) => {
      await saves(bench.open())(eventOf(), contextOf({ handlerTimeout }))
      expect(await effects()).toEqual(['evt_1'])
    })

    test('nothing is committed once the signal is aborted', async () => {
      const aborting = new AbortController()
      const handler = bench.open()('save', (event, _, { tx }) => {
        const written = bench.write(tx, event.id)
        aborting.abort(new Error('too late'))
        return written
      })
      await expect(handler(eventOf(), contextOf({ signal: aborting.signal }))).rejects.toThrow()
      expect(await effects()).toEqual([])
      expect(await bench.run('select * from hookport_receipts')).toEqual([])
    })

    test('a statement that failed and whose error was caught does not pass for success', async () => {
      const handler = bench.open()('save', (event, _, { tx }) => {
        if (bench.isSynchronous) {
          expect(() => bench.send(tx, impossible)).toThrow()
          return bench.write(tx, event.id)
        }
        return (async () => {
          await expect(bench.send(tx, impossible)).rejects.toThrow()
          await bench.write(tx, event.id)
        })().catch(() => {})
      })
      const failure: unknown = await handler(eventOf(), contextOf()).then(
        () => undefined,
        (error) => error,
      )
      expect(await effects()).toEqual(failure ? [] : ['evt_1']) // SQLite goes on, Postgres does not
      if (failure) expect(failure).toMatchObject({ code: 'rolled_back' })
    })

    test.each([
      ['ROLLBACK', ['rollback']],
      ['COMMIT', ['commit']],
      ['ROLLBACK and BEGIN', ['rollback', 'begin']],
    ])('an apply that sends %s itself does not pass for success', async (_, endings) => {
      const handler = bench.open()('save', (__, ___, { tx }) =>
        endings.reduce<unknown>(
          (last, sql) =>
            bench.isSynchronous ? bench.send(tx, sql) : Promise.resolve(last).then(() => bench.send(tx, sql)),
          undefined,
        ),
      )
      const ended = bench.tellsOfEnding ? { code: 'transaction_ended' } : {}
      await expect(handler(eventOf(), contextOf())).rejects.toMatchObject(ended)
    })

    test('without its table it says what makes it, also where apply would not be reached', async () => {
      const once = bench.open('no_receipts')
      const load = () => 1
      const missing = { code: 'table_missing', message: expect.stringContaining('await once.migrate()') }
      await expect(saves(once)(eventOf(), contextOf())).rejects.toMatchObject(missing)
      const handler = once('loads', { load, apply: () => {} })
      await expect(handler(eventOf(), contextOf())).rejects.toMatchObject(missing)
      await expect(once.prune()).rejects.toMatchObject(missing)
    })

    test('a table of the application that is missing is not taken for its own', async () => {
      const handler = bench.open()('save', (_, __, { tx }) => bench.send(tx, impossible))
      await expect(handler(eventOf(), contextOf())).rejects.not.toMatchObject({ code: 'table_missing' })
    })

    test('migrate makes the table once, whoever else makes it at the time, and so does the SQL that is printed', async () => {
      const opened = Array.from({ length: 4 }, () => bench.open('made_receipts'))
      await Promise.all(opened.map((once) => once.migrate()))
      await opened[0]?.migrate()
      const printed = bench.open('printed_receipts')
      for (const statement of printed.sql().split(';\n').filter(Boolean)) await bench.run(statement)
      for (const once of [opened[1], printed]) if (once) await saves(once)(eventOf(), contextOf())
      expect(await effects()).toEqual(['evt_1', 'evt_1'])
    }, 60_000) // libSQL has those who wait for a file try again and again

    test('receipts are kept for 90 days, and deleted after that, in batches', async () => {
      const handler = saves(bench.open(undefined, { keepReceiptsFor: Number.POSITIVE_INFINITY })) // so that its effects delete none meanwhile
      await handler(eventOf({ id: 'young' }), contextOf())
      await handler(eventOf({ id: 'old' }), contextOf())
      const ago = (days: number) =>
        /postgres|pg/.test(name) ? `now() - interval '${days} days'` : `unixepoch() - ${days} * 86400`
      await bench.run(`update hookport_receipts set at = ${ago(89)} where event = 'acme:young'`)
      await bench.run(`update hookport_receipts set at = ${ago(91)} where event = 'acme:old'`)
      await bench.run(
        `insert into hookport_receipts (event, handler, origin, own, at)
          with recursive n(i) as (select 1 union all select i + 1 from n where i < 2500)
          select 'acme:' || i, 'save', 'delivery', true, ${ago(91)} from n`,
      )
      expect(await bench.open().prune()).toBe(2_501)
      expect(await bench.run('select event from hookport_receipts')).toMatchObject([{ event: 'acme:young' }])
    })

    test('an event that shares a name with an older one keeps its receipts for as long under that name', async () => {
      const handler = saves(bench.open())
      const aliases = ['acme:run:1']
      await handler(eventOf({ id: 'a', aliases }), contextOf())
      const old = /postgres|pg/.test(name) ? `now() - interval '89 days'` : 'unixepoch() - 89 * 86400'
      await bench.run(`update hookport_receipts set at = ${old}`)
      await handler(eventOf({ id: 'b', aliases }), contextOf())
      const older = /postgres|pg/.test(name) ? `at - interval '2 days'` : 'at - 2 * 86400'
      await bench.run(`update hookport_receipts set at = ${older}`)
      expect(await bench.open().prune()).toBe(1)
      await handler(eventOf({ id: 'c', aliases, origin: 'reconciled' }), contextOf())
      expect(await effects()).toEqual(['a', 'b'])
    })

    test.each([Number.MAX_SAFE_INTEGER, 1e300, 9.9e12, 0.001])(
      'receipts that are kept for %d ms are pruned without an error',
      async (keepReceiptsFor) => {
        const once = bench.open(undefined, { keepReceiptsFor })
        await saves(once)(eventOf(), contextOf())
        expect(await once.prune()).toBeLessThanOrEqual(1)
      },
    )
  })
}
