import type { Pool } from 'pg'
import { expect, test, vi } from 'vitest'
import { onClient } from '../src/sql/pool.ts'

function poolOfOne() {
  const release = vi.fn()
  const client = { release, on() {}, off() {} }
  return { pool: { connect: async () => client } as unknown as Pool, release }
}

const { signal } = new AbortController()
const fail = async () => Promise.reject(new Error('timeout'))

test('a client on which BEGIN fails is closed: it may be within a transaction', async () => {
  const { pool, release } = poolOfOne()
  await expect(onClient(pool, signal, fail)).rejects.toThrow('timeout')
  expect(release.mock.calls).toEqual([[true]])
})

test('a client on which the transaction fails later, which is rolled back, is kept', async () => {
  const { pool, release } = poolOfOne()
  const failing = onClient(pool, signal, (_, hasBegun) => {
    hasBegun()
    return fail()
  })
  await expect(failing).rejects.toThrow('timeout')
  expect(release.mock.calls).toEqual([[false]])
})

test('a client that is closed as the handler is aborted is not given back again', async () => {
  const { pool, release } = poolOfOne()
  const aborting = new AbortController()
  const failing = onClient(pool, aborting.signal, () => {
    aborting.abort()
    return fail()
  })
  await expect(failing).rejects.toThrow('timeout')
  expect(release.mock.calls).toEqual([[true]])
})
