import { manualClock } from '@hookport/core/testing'
import { describe, expect, test } from 'vitest'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { acmeOrders, Orders } from '../support/listing.ts'

type Called = ReturnType<typeof acmeReceiver>['receiver']

/** Each call that takes options, with one that is misspelt, and the one that was meant. */
const calls: Record<
  string,
  [call: (receiver: Called, options: never) => unknown, given: object, meant: string]
> = {
  reconcile: [(receiver, options) => receiver.reconcile(options), { dryrun: true }, 'dryRun'],
  expect: [
    (receiver, options) => receiver.expect('ord_1', options),
    { within: 1_000, tennant: 'a' },
    'tenant',
  ],
  drain: [(receiver, options) => receiver.drain(options), { maxMS: 1_000 }, 'maxMs'],
  'the route of a drain': [
    (receiver, options) => receiver.drainRoute(options),
    { secret: 'a'.repeat(32), maxms: 1 },
    'maxMs',
  ],
  onEvent: [
    (receiver, options) => receiver.onEvent('order.paid', () => {}, options),
    { nmae: 'save' },
    'name',
  ],
  onAnyEvent: [(receiver, options) => receiver.onAnyEvent(() => {}, options), { nmae: 'save' }, 'name'],
  onUnhandledEvent: [
    (receiver, options) => receiver.onUnhandledEvent(() => {}, options),
    { nmae: 'save' },
    'name',
  ],
  onOverdue: [(receiver, options) => receiver.onOverdue(() => {}, options), { nmae: 'save' }, 'name'],
  replay: [(receiver, options) => receiver.replay(options), { dryrun: true }, 'dryRun'],
  pause: [(receiver, options) => receiver.pause(options), { reason: 'x', handeler: 'save' }, 'handler'],
  resume: [(receiver, options) => receiver.resume(options), { handeler: 'save' }, 'handler'],
  health: [(receiver, options) => receiver.health(options), { timout: 1 }, 'timeout'],
  redrive: [(receiver, options) => receiver.redrive('acme:evt_1', options), { agian: true }, 'again'],
  redriveAll: [(receiver, options) => receiver.redriveAll(options), { tpye: 'order.paid' }, 'type'],
}

function receiverOfOrders(): Called {
  const clock = manualClock(start)
  const reconcile = new Orders(clock).source()
  const receiver = acmeReceiver({
    clock,
    provider: acmeOrders(),
    reconcile,
    keepHandledFor: 60_000,
    consume: false,
  }).receiver
  receiver.onEvent('order.paid', () => {}, { name: 'save' })
  return receiver
}

describe.each(Object.entries(calls))('%s', (_, [call, given, meant]) => {
  test('refuses a misspelt option, and names the one that was meant', async () => {
    await expect(async () => call(receiverOfOrders(), given as never)).rejects.toThrow(
      new RegExp(`unknown option .*; did you mean .*\\.?${meant}\\?`),
    )
  })

  test('refuses what is no object, in a sentence', async () => {
    await expect(async () => call(receiverOfOrders(), 'quickly' as never)).rejects.toMatchObject({
      code: 'invalid_option',
    })
  })
})
