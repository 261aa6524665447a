import { type ManualClock, manualClock } from '@hookport/core/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { acmeOrders, Orders } from '../support/listing.ts'

/** What happens at the provider: orders come, some at the same instant; one of those that are open ends; time passes; the API fails. */
type Step =
  | { readonly what: 'open'; readonly count: number }
  | { readonly what: 'end'; readonly which: number }
  | { readonly what: 'wait'; readonly ms: number }
  | { readonly what: 'fail' }

const change = fc.oneof(
  {
    weight: 40,
    arbitrary: fc.record({ what: fc.constant('open' as const), count: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 30, arbitrary: fc.record({ what: fc.constant('end' as const), which: fc.nat(6) }) },
)
/** Between two passes. */
const between = fc.oneof(
  change,
  fc.record({ what: fc.constant('wait' as const), ms: fc.constantFrom(1, 1_000, 400_000) }),
)
/** Ahead of a page. */
const meanwhile = fc.oneof(
  { weight: 60, arbitrary: change },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('fail' as const) }) },
)

const happens = async (step: Step, orders: Orders, clock: ManualClock): Promise<void> => {
  switch (step.what) {
    case 'open':
      for (let index = 0; index < step.count; index++) orders.open(`ord_${orders.orders.length}`)
      return
    case 'end': {
      const open = orders.orders.filter(({ endedAt }) => endedAt === undefined)
      const one = open.at(-1 - (step.which % open.length)) // the older, the likelier
      if (one) orders.end(one)
      return
    }
    case 'wait':
      return clock.advance(step.ms)
    default:
      throw new Error('503')
  }
}

/** Before each page of each pass, some steps. */
const story = fc.record({
  /** A list that does not say which page is its last has pages of more than come between two of them. */
  pages: fc.oneof(
    fc.record({ pageSize: fc.integer({ min: 1, max: 3 }), saysLast: fc.constant(true) }),
    fc.record({ pageSize: fc.integer({ min: 25, max: 27 }), saysLast: fc.constant(false) }),
  ),
  passes: fc.array(
    fc.record({
      before: fc.array(between, { maxLength: 6 }),
      pages: fc.array(fc.array(meanwhile, { maxLength: 4 }), { maxLength: 8 }),
    }),
    { minLength: 3, maxLength: 10 },
  ),
})

test('nothing that ended before a full pass began is missed, whatever happens between its pages, and nothing is taken on twice', async () => {
  let found = 0
  await fc.assert(
    fc.asyncProperty(story, async ({ pages: { pageSize, saysLast }, passes }) => {
      const clock = manualClock(start)
      const orders = new Orders(clock, pageSize)
      if (!saysLast) orders.spoil = (page) => ({ ...page, isLast: undefined })
      const { receiver, observed } = acmeReceiver({
        clock,
        provider: acmeOrders(),
        reconcile: orders.source({ isFinal: () => true }),
        consume: false,
      })
      for (const { before, pages } of passes) {
        for (const one of before) await happens(one, orders, clock)
        const endedBefore = orders.orders.filter(({ endedAt }) => endedAt !== undefined).map(({ id }) => id)
        const left = [...pages]
        orders.beforePage = async () => {
          for (const one of left.shift() ?? []) await happens(one, orders, clock)
        }
        const { more } = await receiver.reconcile({ maxMs: Number.POSITIVE_INFINITY })
        const takenOn = observed.reconciled.map(({ subject }) => subject)
        expect(new Set(takenOn).size).toBe(takenOn.length)
        if (!more) expect(takenOn).toEqual(expect.arrayContaining(endedBefore))
        if (!more) found += endedBefore.length
      }
      await receiver.stop()
    }),
    { numRuns: 500 },
  )
  expect(found).toBeGreaterThan(2_000)
}, 60_000)
