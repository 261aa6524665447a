import type { Attempt } from '@hookport/core'
import { deferred } from '@hookport/testkit/deferred'
import { expect, test, vi } from 'vitest'
import { TurnsUnderWay } from '../../src/handle/events-under-way.ts'

const progress = { completed: ['first'], abandoned: [] }
const attemptAt = (key: string) => ({ event: { key }, progress }) as unknown as Attempt
const done = { outcome: 'done', progress } as const
const untouched = {
  outcome: 'retry',
  delayMs: 0,
  progress,
  failures: [],
  attemptUsed: false,
  keepInterruptions: true,
}

test('names what is under work and what waits in line, so that no other consumer of the process is handed it', async () => {
  const turns = new TurnsUnderWay(1)
  const mayEnd = deferred()
  const one = turns.counting(async () => {
    await mayEnd.promise
    return done
  })
  const other = turns.counting(async () => done)
  const both = [one(attemptAt('a')), other(attemptAt('b'))]
  expect([...turns.keys]).toEqual(['a', 'b'])
  mayEnd.resolve()
  expect(await Promise.all(both)).toEqual([done, done])
  expect([...turns.keys]).toEqual([])
})

test('makes room after work that rejects, and in the order of arrival', async () => {
  const turns = new TurnsUnderWay(1)
  const mayEnd = deferred<never>()
  const ran: string[] = []
  const first = turns.counting(() => mayEnd.promise)(attemptAt('a'))
  const work = turns.counting(async ({ event }) => {
    ran.push(event.key)
    return done
  })
  const others = ['b', 'c', 'd'].map((key) => work(attemptAt(key)))
  mayEnd.reject(new Error('broken'))
  await expect(first).rejects.toThrow('broken')
  await Promise.all(others)
  expect(ran).toEqual(['b', 'c', 'd'])
})

test('what waits in line when its consumer is over goes back untouched, and takes nobody’s room', async () => {
  const turns = new TurnsUnderWay(1)
  const mayEnd = deferred()
  const first = turns.counting(async () => {
    await mayEnd.promise
    return done
  })(attemptAt('a'))
  const over = new AbortController()
  const work = vi.fn(async () => done)
  const waiting = turns.counting(work, over.signal)(attemptAt('b'))
  over.abort()
  expect(await waiting).toEqual(untouched)
  expect([...turns.keys]).toEqual(['a'])
  mayEnd.resolve()
  await first
  expect(work).not.toHaveBeenCalled()
  expect(await turns.counting(work)(attemptAt('c'))).toEqual(done)
})

test('what is handed out after its consumer is over goes back untouched', async () => {
  const work = vi.fn(async () => done)
  expect(await new TurnsUnderWay(1).counting(work, AbortSignal.abort())(attemptAt('a'))).toEqual(untouched)
  expect(work).not.toHaveBeenCalled()
})
