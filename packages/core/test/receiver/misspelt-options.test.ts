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

/** Values of another kind, as JavaScript, JSON and command lines give them. `'false'` would mean true. */
const values: [name: keyof typeof calls, given: object, says: RegExp][] = [
  ['drain', { signal: 5 }, /drain: signal is 5; it must be an AbortSignal/],
  ['drain', { maxMs: '5' }, /maxMs is "5"; it must be a number of milliseconds above 0, or Infinity/],
  ['drain', { secret: 'a'.repeat(32) }, /unknown option drain\.secret/],
  ['the route of a drain', { secret: 'a'.repeat(32), signal: 5 }, /unknown option drain\.signal/],
  ['the route of a drain', { secret: 'a'.repeat(32), maxMs: Number.NaN }, /maxMs is NaN/],
  ['redrive', { again: 'false' }, /redrive: again is "false"; it must be true or false/],
  ['redrive', { force: 1 }, /redrive: force is 1/],
  ['replay', { again: 'false' }, /replay: again is "false"/],
  ['replay', { dryRun: 'false' }, /replay: dryRun is "false"/],
  ['replay', { from: null }, /replay: from is null; it must be a Date, or milliseconds since 1970/],
  ['replay', { from: '' }, /replay: from is ""/],
  ['replay', { to: new Date(Number.NaN) }, /replay: to is Invalid Date/],
  ['replay', { limit: 1.5 }, /replay: limit is 1\.5; it must be a whole number/],
  ['replay', { perSecond: '5' }, /replay: perSecond is "5"/],
  ['replay', { type: 5 }, /replay: type is 5; it must be a string/],
  ['replay', { onProgress: 5 }, /replay: onProgress is 5; it must be a function/],
  ['replay', { signal: {} }, /replay: signal is an object; it must be an AbortSignal/],
  ['reconcile', { dryRun: 'false' }, /reconcile: dryRun is "false"/],
  ['reconcile', { signal: true }, /reconcile: signal is true/],
]

test.each(values)('%s refuses %o', async (name, given, says) => {
  const [call] = calls[name] ?? expect.unreachable()
  const called = async () => call(receiverOfOrders(), given as never)
  await expect(called).rejects.toThrow(says)
  await expect(called).rejects.toMatchObject({ code: 'invalid_option' })
})

test.each(['pause', 'resume', 'replay', 'reconcile', 'redriveAll', 'drain'] as const)(
  '%s refuses null in a sentence',
  async (name) => {
    const called = async () => {
      const receiver = receiverOfOrders()
      await (receiver[name] as (given: unknown) => unknown).call(receiver, null)
    }
    await expect(called).rejects.toThrow(/options are null; they must be an object/)
  },
)

test.each(['pause', 'drainRoute'] as const)('%s without its options says so', async (call) => {
  await expect(async () => receiverOfOrders()[call](undefined as never)).rejects.toMatchObject({
    code: 'invalid_option',
  })
})
