import { onceIn } from '@hookport/once/prisma'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import { PrismaPg } from '@prisma/adapter-pg'
import { expect, test } from 'vitest'
import { PrismaClient } from './prisma/generated/client.ts'
import { describeOnce } from './support/describe-once.ts'

describeOnce('Prisma on postgres', async () => {
  const server = await startPostgres()
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: server.url }) })
  await prisma.$executeRaw`create table effects (row serial primary key, id text)`
  return {
    open: (table = 'hookport_receipts', options = {}) => onceIn(prisma, { table, ...options }),
    write: (tx, id) => tx.effect.create({ data: { id } }),
    tellsOfEnding: true,
    send: (tx, sql) => tx.$executeRawUnsafe(sql),
    run: async (sql) =>
      /^select/.test(sql) ? prisma.$queryRawUnsafe(sql) : [await prisma.$executeRawUnsafe(sql)],
    async close() {
      await prisma.$disconnect()
      await server.stop()
    },
  }
})

test('a client of Prisma for another database is refused, and so is what is none', () => {
  const client = { $transaction() {}, _activeProvider: 'mysql' } as never
  expect(() => onceIn(client)).toThrow('this client is for mysql')
  expect(() => onceIn(undefined as never)).toThrow('needs a PrismaClient')
})
