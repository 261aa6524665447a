import { expect, test } from 'vitest'
import { Fifo } from '../../src/collections/fifo.ts'

test('items come out in the order in which they went in, and then nothing', () => {
  const queue = new Fifo<number>()
  expect(queue.take()).toBeUndefined()
  for (let item = 0; item < 5_000; item++) queue.add(item)
  for (let item = 0; item < 3_000; item++) expect(queue.take()).toBe(item)
  expect(queue.size).toBe(2_000)
  for (let item = 5_000; item < 6_000; item++) queue.add(item)
  for (let item = 3_000; item < 6_000; item++) expect(queue.take()).toBe(item)
  expect(queue.size).toBe(0)
  expect(queue.take()).toBeUndefined()
  queue.add(7)
  expect([queue.size, queue.take(), queue.size]).toEqual([1, 7, 0])
})

test('what is removed does not come out; what was taken, or never came, is not removed', () => {
  const queue = new Fifo<string>()
  for (const item of ['one', 'two', 'three']) queue.add(item)
  expect(queue.take()).toBe('one')
  for (const item of ['one', 'two', 'four']) queue.remove(item)
  expect(queue.size).toBe(1)
  expect(queue.take()).toBe('three')
})
