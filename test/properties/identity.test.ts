import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { endingAlias, eventKey } from '../../packages/core/src/accept/identity/event-names.ts'
import { hold, timeout, title } from './support/fuzz.ts'
import { acceptingReceiver, delivery } from './support/receive.ts'
import { senders } from './support/senders.ts'

describe.each(Object.entries(senders))(`%s: ${title}`, (_, { provider, sign, write }) => {
  test(
    'an event keeps its identity from attempt to attempt, and whatever the headers that are not signed say',
    { timeout },
    () =>
      hold(
        fc.asyncProperty(
          fc.string({ minLength: 1 }),
          fc.jsonValue(),
          fc.integer({ min: 1, max: 200 }),
          async (id, data, attempt) => {
            const seen: { outcome: string; key: string; id: string; type: string }[] = []
            const receiver = acceptingReceiver(provider, {
              accepted: ({ key, id, type }: { key: string; id: string; type: string }) =>
                seen.push({ outcome: 'accepted', key, id, type }),
              duplicate: ({ key, id, type }: { key: string; id: string; type: string }) =>
                seen.push({ outcome: 'duplicate', key, id, type }),
            })
            const body = Buffer.from(JSON.stringify(write(id, data)))
            await receiver.receive(delivery(body, sign(body)))
            await receiver.receive(delivery(body, sign(body, attempt)))
            const [first, second] = seen
            expect(seen.map(({ outcome }) => outcome)).toEqual(['accepted', 'duplicate'])
            expect(second).toEqual({ ...first, outcome: 'duplicate' })
          },
        ),
      ),
  )
})

/** Any text of JavaScript's: half a surrogate pair included. */
const anyText = fc
  .array(fc.oneof(fc.nat(0xffff), fc.constantFrom(0xd800, 0xdbff, 0xdc00, 0xfffd, 0, 0x7e, 0x3a)), {
    maxLength: 8,
  })
  .map((units) => String.fromCharCode(...units))
const harmless = fc.string({ unit: fc.constantFrom(...'azAZ09._:-~'), minLength: 0, maxLength: 210 })
const ids = fc.oneof(anyText, harmless, fc.string({ unit: 'grapheme' }))

/** Ids that stores, encodings and people take for another. */
const lookAlikes: ((id: string) => string | Promise<string>)[] = [
  (id) => id.toLowerCase(),
  (id) => id.toUpperCase(),
  (id) => id.normalize('NFC'),
  (id) => id.normalize('NFD'),
  (id) => id.trim(),
  (id) => `${id}\0`,
  (id) => id.slice(0, 200),
  (id) => JSON.stringify(id),
  (id) => Buffer.from(id).toString('utf8'),
  (id) => Buffer.from(id, 'latin1').toString('latin1'),
  (id) => Buffer.from(id).toString('hex'),
  (id) => eventKey('sematryx', undefined, id),
  async (id) => (await eventKey('sematryx', undefined, id)).slice('sematryx:'.length),
  async (id) => (await eventKey('sematryx', undefined, id)).slice('sematryx:~'.length),
]

describe(`keys: ${title}`, () => {
  test('no two different ids share a key', { timeout }, () =>
    hold(
      fc.asyncProperty(ids, fc.oneof(ids, fc.constantFrom(...lookAlikes)), async (one, other) => {
        const second = typeof other === 'function' ? await other(one) : other
        expect(
          (await eventKey('sematryx', undefined, one)) === (await eventKey('sematryx', undefined, second)),
        ).toBe(one === second)
      }),
    ),
  )

  test('nor do two halves of surrogate pairs, which are the same in UTF-8', async () => {
    const keys = new Set<string>()
    for (let unit = 0xd800; unit < 0xe000; unit++)
      keys.add(await eventKey('sematryx', undefined, String.fromCharCode(unit)))
    expect(keys.size).toBe(0x800)
  })

  test('nor do two providers', { timeout }, () =>
    hold(
      fc.asyncProperty(ids, ids, async (one, other) => {
        expect(await eventKey('sematryx', undefined, one)).not.toBe(
          await eventKey('sematryx-2', undefined, other),
        )
      }),
    ),
  )

  test('an alias is no key of any event, and names its owner, its end and its subject alone', {
    timeout,
  }, () => {
    const end = fc.stringMatching(/^[a-z0-9_-]{1,8}$/)
    const owner = fc.constantFrom(['jaot', undefined], ['jaot', 'a'], ['jaot-2', undefined]) as fc.Arbitrary<
      [string, string | undefined]
    >
    const names = fc.tuple(owner, end, ids)
    return hold(
      fc.asyncProperty(names, names, async (one, other) => {
        const [[owner, ...rest], [otherOwner, ...otherRest]] = [one, other]
        const alias = await endingAlias(...owner, ...rest)
        const isSame = JSON.stringify(one) === JSON.stringify(other)
        expect(alias === (await endingAlias(...otherOwner, ...otherRest))).toBe(isSame)
        expect(alias).not.toBe(await eventKey(...owner, alias.slice(alias.indexOf(':') + 1)))
        expect(alias).not.toBe(await eventKey(...otherOwner, otherRest[1]))
        expect(alias).toMatch(/^jaot(-2)?(@a)?:[A-Za-z0-9._:~-]{1,200}$/)
      }),
    )
  })

  test('no two events with another tenant or id share a key, where the colons stand otherwise either', {
    timeout,
  }, () => {
    type Owned = [tenant: string, id: string]
    const owned = (parts: string[], at: number): Owned => [
      parts.slice(0, at).join(':'),
      parts.slice(at).join(':'),
    ]
    const text = fc.oneof(harmless, anyText)
    const parts = fc.array(fc.string({ unit: fc.constantFrom(...'a9._-~@'), minLength: 1, maxLength: 4 }), {
      minLength: 3,
      maxLength: 5,
    })
    const pairs: fc.Arbitrary<[Owned, Owned]> = fc.oneof(
      fc.tuple(fc.tuple(text, text), fc.tuple(text, text)),
      fc
        .tuple(parts, fc.nat(1), fc.nat(1))
        .map(([texts, one, other]): [Owned, Owned] => [owned(texts, 1 + one), owned(texts, 1 + other)]),
    )
    return hold(
      fc.asyncProperty(pairs, async ([one, other]) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other)
        expect((await eventKey('jaot', ...one)) === (await eventKey('jaot', ...other))).toBe(isSame)
      }),
    )
  })

  test('a key is harmless in any store', { timeout }, () =>
    hold(
      fc.asyncProperty(ids, async (id) => {
        expect(await eventKey('sematryx', undefined, id)).toMatch(/^sematryx:[A-Za-z0-9._:~-]{1,200}$/)
      }),
    ),
  )
})
