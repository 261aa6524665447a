import { expect, test } from 'vitest'
import { Batch } from '../../src/inbox-kit/batch.ts'

/** A store that doubles numbers, and writes down what was sent in one trip. */
function doubling(fails: (item: number) => Error | undefined = () => undefined) {
  const trips: number[][] = []
  const batch = new Batch<number, number>(async (items) => {
    trips.push([...items])
    return items.map((item) => fails(item) ?? 2 * item)
  })
  return { batch, trips }
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

test.each([
  [1, [1]],
  [64, [64]],
  [65, [64, 1]],
  [200, [64, 64, 64, 8]],
])('%i in one turn of the event loop all settle, each with its own answer', async (count, sizes) => {
  const { batch, trips } = doubling()
  const answers = await Promise.all(numbers(count).map((item) => batch.add(item)))
  expect(answers).toEqual(numbers(count).map((item) => 2 * item))
  expect(trips.map(({ length }) => length)).toEqual(sizes)
})

test('what is asked for in a later turn makes a trip of its own', async () => {
  const { batch, trips } = doubling()
  await batch.add(1)
  await batch.add(2)
  expect(trips).toEqual([[1], [2]])
})

test('one that fails alone rejects alone', async () => {
  const { batch } = doubling((item) => (item === 1 ? new Error('no') : undefined))
  const settled = await Promise.allSettled(numbers(3).map((item) => batch.add(item)))
  expect(settled).toMatchObject([
    { value: 0 },
    { status: 'rejected', reason: { message: 'no' } },
    { value: 4 },
  ])
})

test('a trip that fails rejects all that were on it, and no other', async () => {
  let trips = 0
  const batch = new Batch<number, number>(async (items) => {
    if (++trips === 1) throw new Error('no connection')
    return items
  }, 2)
  const settled = await Promise.allSettled(numbers(4).map((item) => batch.add(item)))
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled'])
})
