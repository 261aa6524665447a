import fc from 'fast-check'
import { expect, test } from 'vitest'
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
