import { expect, test } from 'vitest'
import { ListRound } from '../../src/reconcile/lists/list-round.ts'

const reading = { floor: 5, itemsBefore: 40, pagesBefore: 2, isNewestFirst: true }
const lists = ['one', 'two', 'three']

/** The turns of a round in which every list is read to its end, and finds this floor. */
function read(round: ListRound, found: number) {
  const turns = []
  for (const turn of round.turns(lists)) {
    turns.push(turn)
    round.ended(turn.list, found)
  }
  return turns
}

test('each list begins at its floor, and none at what is older than is looked back', () => {
  const round = new ListRound({ floors: { one: 20, two: 3 } }, 10)
  expect(read(round, 30)).toEqual([
    { list: 'one', start: 20 },
    { list: 'two', start: 10 },
    { list: 'three', start: 10 },
  ])
})

test('a floor that was found is the next one once a second reading has confirmed it', () => {
  const first = new ListRound({ floors: {} }, 10)
  read(first, 30)
  expect(first.outcome).toMatchObject({ floors: { one: 10 }, found: { one: 30 } })
  const second = new ListRound(first.outcome, 10)
  read(second, 40)
  expect(second.outcome).toMatchObject({ floors: { one: 30 }, found: { one: 40 } })
})

test('one that a second reading has not confirmed is lowered to what that found', () => {
  const round = new ListRound({ floors: { one: 10 }, found: { one: 30 } }, 10)
  read(round, 15)
  expect(round.outcome).toMatchObject({ floors: { one: 15 }, found: { one: 15 } })
})

test('no floor is ahead of the pass that found it, whatever time a thing has, nor one that was kept so', () => {
  const [beganAt, ahead] = [1_000_000, 9_000_000_000]
  const round = new ListRound({ floors: { one: ahead }, found: { one: ahead } }, 10, beganAt)
  read(round, ahead)
  expect(round.outcome).toMatchObject({
    floors: { one: 700_000, two: 10 },
    found: { one: 700_000, two: 700_000 },
  })
})

test('a list that could not be read keeps what it had', () => {
  const kept = { floors: { one: 20 }, found: { one: 25 } }
  const round = new ListRound(kept, 10)
  expect([...round.turns(lists)]).toHaveLength(3)
  expect(round.outcome).toMatchObject({ floors: { one: 20, two: 10 }, found: { one: 25 } })
})

test('a round begins at the list, and the page, at which the time of the one before was over; its newest page is read last', () => {
  const before = new ListRound({ floors: {} }, 5)
  for (const { list } of before.turns(lists))
    if (list === 'one') before.ended(list, 5)
    else before.interrupted(list, list === 'two' ? reading : undefined) // once it is over, it is over for all that follow
  const after = new ListRound(before.outcome, 5)
  expect(read(after, 30)).toEqual([
    { list: 'two', start: reading },
    { list: 'three', start: 5 },
    { list: 'one', start: 5 },
    { list: 'two', start: 5 },
  ])
  expect(after.outcome.unfinished).toBeUndefined()
})

test('one of which no page was read is begun from its newest page, once', () => {
  const round = new ListRound({ floors: {}, unfinished: { list: 'three' } }, 5)
  expect(read(round, 30).map(({ list }) => list)).toEqual(['three', 'one', 'two'])
})

test('a list that is gone holds up nothing', () => {
  const round = new ListRound({ floors: {}, unfinished: { list: 'gone', reading } }, 5)
  expect(read(round, 30).map(({ list }) => list)).toEqual(lists)
})
