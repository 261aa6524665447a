import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { RememberedIds } from '../../src/memory/ids/remembered-ids.ts'

const step = fc.oneof(
  fc.record({
    what: fc.constant('remember' as const),
    key: fc.nat(40),
    forMs: fc.integer({ min: 1, max: 60 }),
  }),
  fc.record({ what: fc.constant('find' as const), key: fc.nat(40) }),
  fc.record({ what: fc.constant('prune' as const), laterMs: fc.nat(30) }),
)

/** Texts that share beginnings, lengths and low bytes. */
function keyOf(number: number): string {
  const forms = [
    `acme:evt_${number}`,
    `acme:${'ä'.repeat(number)}`,
    String.fromCharCode(number, 0x100 + number),
    '€'.repeat(number),
  ]
  return forms[number % forms.length] as string
}

/** Nothing is forgotten earlier than it was to be before. */
function atLeast(before = 0, until: number): number {
  return Math.max(before, until)
}

test('keys are remembered and forgotten as by a map', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const ids = new RememberedIds()
      const model = new Map<string, { fingerprint: number; until: number }>()
      let now = 0
      for (const [fingerprint, one] of steps.entries()) {
        if (one.what === 'remember') {
          ids.remember(keyOf(one.key), fingerprint, now + one.forMs)
          const until = atLeast(model.get(keyOf(one.key))?.until, now + one.forMs)
          model.set(keyOf(one.key), { fingerprint, until })
        } else if (one.what === 'prune') {
          now += one.laterMs
          ids.prune(now)
        }
        const key = keyOf('key' in one ? one.key : 0)
        const known = model.get(key)
        expect(ids.find(key, now)).toBe(known && now < known.until ? known.fingerprint : undefined)
      }
    }),
  )
})

test('a hundred thousand keys, of which half are forgotten on the way, keep apart; the rest leave no row behind', () => {
  const ids = new RememberedIds()
  const count = 100_000
  const window = count / 2
  for (let number = 0; number < count; number++) {
    ids.prune(number)
    ids.remember(`acme:evt_${number}`, number, number + window)
  }
  expect(ids.size).toBe(window)
  for (let number = 0; number < count; number++) {
    const expected = number + window > count - 1 ? number : undefined
    expect(ids.find(`acme:evt_${number}`, count - 1)).toBe(expected)
  }
  ids.prune(2 * count)
  expect(ids.size).toBe(0)
})

test('every bit of a fingerprint of 48 is kept, and a key of any length', () => {
  const ids = new RememberedIds()
  const long = 'x'.repeat(100_000)
  ids.remember(long, 2 ** 48 - 1, 1)
  ids.remember(`${long}y`, 1, 1)
  ids.remember('', 2, 1)
  expect(ids.find(long, 0)).toBe(2 ** 48 - 1)
  expect(ids.find(`${long}y`, 0)).toBe(1)
  expect(ids.find('', 0)).toBe(2)
  expect(ids.find(long.slice(1), 0)).toBeUndefined()
})

test.each([
  ['the first of all', 0],
  ['one among others', 3],
])('a key that is remembered again, %s, is one key, and is forgotten no earlier than before', (_, others) => {
  const ids = new RememberedIds()
  for (let other = 0; other < others; other++) ids.remember(`other_${other}`, 0, 10)
  ids.remember('again', 1, 100)
  ids.remember('again', 2, 50)
  expect(ids.size).toBe(others + 1)
  expect(ids.find('again', 99)).toBe(2)
  expect(ids.find('again', 100)).toBeUndefined()
  ids.prune(100)
  expect(ids.size).toBe(0)
})

test('a key that is remembered again is known however many come after it', () => {
  const ids = new RememberedIds()
  ids.remember('again', 1, 100)
  ids.remember('again', 2, 100)
  for (let later = 0; later < 5_000; later++) {
    ids.remember(`later_${later}`, 0, 100)
    expect(ids.find('again', 0)).toBe(2)
  }
  expect(ids.size).toBe(5_001)
})

test('what is forgotten takes no other key with it, and counts as new when it is remembered again', () => {
  const ids = new RememberedIds()
  const remember = (from: number, to: number, until: number) => {
    for (let number = from; number < to; number++) ids.remember(`evt_${number}`, number, until)
  }
  remember(0, 500, 1)
  remember(0, 250, 2)
  ids.prune(1)
  expect(ids.size).toBe(250)
  for (let number = 0; number < 500; number++)
    expect(ids.find(`evt_${number}`, 1)).toBe(number < 250 ? number : undefined)
  remember(250, 500, 2)
  expect(ids.size).toBe(500)
})

// Where the random seed is 0, both of each pair have the same hash, so that only the keys themselves tell them apart.
test.each([
  ['that differ in their last characters', 'evt_01062789', 'evt_01279192'],
  ['of which one begins the other', 'evt_', 'evt_:eT"KX'],
  [
    'that differ in the high bits of each character',
    '\uca61\ub861\u9a61\u5961\u4561\ua861',
    '\u7561\u0c61\uba61\u5961\u4e61\u9661',
  ],
  ['that differ in the low bits of each character', '\u4395\u4c88\u4268\u43eb', '\u49e6\u47d2\u4637\u4b29'],
])('two keys of one hash keep apart, %s', (_, one, other) => {
  const random = vi.spyOn(Math, 'random').mockReturnValue(0)
  const [ids, reverse] = [new RememberedIds(), new RememberedIds()]
  random.mockRestore()
  ids.remember(one, 1, 10)
  expect(ids.find(other, 0)).toBeUndefined()
  ids.remember(other, 2, 10)
  expect([ids.size, ids.find(one, 0), ids.find(other, 0)]).toEqual([2, 1, 2])
  reverse.remember(other, 2, 10)
  expect(reverse.find(one, 0)).toBeUndefined()
})
