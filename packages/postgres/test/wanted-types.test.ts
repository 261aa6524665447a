import { expect, test, vi } from 'vitest'
import type { Database } from '../src/connection/database.ts'
import { WantedTypes } from '../src/consume/wanted-types.ts'

const wanted = { types: ['größe.changed', 'order.paid'], others: 'drop' } as const

function learning() {
  const ask = vi.fn<(sql: string, values: string[]) => Promise<unknown[]>>(async () => [])
  return { ask, types: new WantedTypes({ ask } as Pick<Database, 'ask'> as Database) }
}

test('whether the database can write a type is asked once, and not of types in ASCII', async () => {
  const { ask, types } = learning()
  for (const _ of [1, 2]) await types.learn(wanted)
  expect(ask.mock.calls.map(([, values]) => values)).toEqual([['größe.changed']])
  expect(types.of(wanted)).toEqual(['größe.changed', 'gr\\u00f6\\u00dfe.changed', 'order.paid'])
})

test('a type is not taken for one that the database lacks where asking failed for another reason: it is asked again', async () => {
  const { ask, types } = learning()
  ask.mockRejectedValueOnce(new Error('the connection is lost'))
  await expect(types.learn(wanted)).rejects.toThrow('the connection is lost')
  await types.learn(wanted)
  expect(types.of(wanted)).toContain('größe.changed')
})
