import { ConfigurationError, memoryInbox, type SourceDefinition } from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { expect, test } from 'vitest'
import { acmeSecret } from '../support/acme.ts'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { acmeOrders, Orders } from '../support/listing.ts'

type Options = Parameters<typeof acmeReceiver>[0]

function receiverWith(more: Partial<SourceDefinition>, options: Options = {}) {
  const reconcile = new Orders(manualClock(start)).source(more)
  return acmeReceiver({ provider: acmeOrders(), reconcile, ...options })
}

const perTenant = () => acmeOrders({ secret: () => ({ tenant: 'shop', secret: acmeSecret }) })

test.each<[string, RegExp, Partial<SourceDefinition>, Options]>([
  ['of another provider', /a source of other, but the provider is acme/, { provider: 'other' }, {}],
  [
    'of all there is, for one of several receivers',
    /events would be handled twice. Name in the options/,
    {},
    { name: 'acme-2' },
  ],
  [
    'that knows no tenants, where there may be some',
    /Give the source tenantOf/,
    {},
    { provider: perTenant() },
  ],
  ['beside after-handlers, on a memory inbox', /use a durable inbox/, {}, { acknowledge: 'after-handlers' }],
])('a source %s is refused at construction', (_, message, more, options) => {
  expect(() => receiverWith(more, options)).toThrow(message)
  expect(() => receiverWith(more, options)).toThrow(ConfigurationError)
})

test.each<[string, Partial<SourceDefinition>, Options]>([
  ['of a part, for one of several receivers', { isWhole: false }, { name: 'acme-2' }],
  ['that knows tenants', { hasTenants: true }, { provider: perTenant() }],
  [
    'beside after-handlers, on a durable inbox',
    {},
    { acknowledge: 'after-handlers', inbox: inboxInFront(memoryInbox(), { durable: true }) },
  ],
])('a source %s is taken', (_, more, options) => {
  expect(() => receiverWith(more, options)).not.toThrow()
})

test('what is no source is refused', () => {
  expect(() => acmeReceiver({ reconcile: { every: 5 } as never })).toThrow(/reconcile is not a source/)
})

test('the definition of a source that is not given to defineSource is refused, as nothing would be asked', () => {
  const definition = {
    ...{ provider: 'acme', every: 60_000, isWhole: true, lists: () => [''] },
    readPage: async () => ({ items: [], count: 0 }),
    find: async () => undefined,
  }
  expect(() => acmeReceiver({ reconcile: definition as never })).toThrow(/made by defineSource/)
})

test.each<[RegExp, Partial<SourceDefinition>]>([
  [/every is 0/, { every: 0 }],
  [/every is undefined/, { every: undefined as never }],
  [/lookBack is -1/, { lookBack: -1 }],
  [/share is 2/, { share: 2 }],
  [/from is not a Date/, { from: new Date('x') }],
  [/isWhole must be/, { isWhole: undefined as never }],
  [/readPage and find/, { find: undefined as never }],
])('a definition is refused: %s', (message, more) => {
  expect(() => receiverWith(more)).toThrow(message)
})

test('a receiver without a source says so when it is asked to reconcile', async () => {
  await expect(acmeReceiver().receiver.reconcile()).rejects.toThrow(/the receiver has no source/)
})

test('a tenant’s thing is its tenant’s event', async () => {
  const clock = manualClock(start)
  const orders = new Orders(clock)
  const { receiver, observed } = acmeReceiver({
    clock,
    provider: perTenant(),
    reconcile: orders.source({ hasTenants: true }),
    consume: false,
  })
  orders.paid('ord_1').tenant = 'shop'
  orders.paid('ord_1').tenant = 'other'
  await receiver.reconcile()
  expect(observed.reconciled?.map(({ key }) => key).sort()).toEqual([
    'acme@other:listed_ord_1',
    'acme@shop:listed_ord_1',
  ])
})
