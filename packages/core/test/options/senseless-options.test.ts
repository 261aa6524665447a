import { asWebhooks, ConfigurationError, createReceiver, memoryInbox } from '@hookport/core'
import { describe, expect, test } from 'vitest'
import { acme } from '../support/acme.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'

/** As JavaScript may call it. */
type Loose = (...given: unknown[]) => unknown

/** What a call is given, and what its error has to say. */
const senseless: [call: string, Loose, given: unknown[], says: RegExp][] = [
  ['memoryInbox', memoryInbox as Loose, [{ maxIDs: 1 }], /maxIDs; did you mean memoryInbox\.maxIds\?/],
  ['memoryInbox', memoryInbox as Loose, [{ clok: 1 }], /clok; did you mean memoryInbox\.clock\?/],
  ['memoryInbox', memoryInbox as Loose, [null], /options are null; they must be an object/],
  ['memoryInbox', memoryInbox as Loose, ['events'], /options are string/],
  ['memoryInbox', memoryInbox as Loose, [{ clock: {} }], /clock has no method now/],
  [
    'asWebhooks',
    asWebhooks as Loose,
    [{}, {}],
    /asWebhooks needs a receiver and was given a value of type object/,
  ],
  ['asWebhooks', asWebhooks as Loose, [{}, acme()], /was given a provider: createReceiver/],
  ['createReceiver', createReceiver as Loose, [], /options are undefined/],
  ['createReceiver', createReceiver as Loose, [null], /options are null/],
  ['createReceiver', createReceiver as Loose, [[]], /options are an array/],
  ['createReceiver', createReceiver as Loose, [{ secret: 's' }], /needs a provider/],
]

const wrongOptions: [option: object, says: RegExp][] = [
  [{ retry: 3 }, /retry is number; it must be an object/],
  [{ retry: [3] }, /retry is an array/],
  [{ retry: Promise.resolve({ attempts: 3 }) }, /retry is a promise; it must be an object/],
  [{ inbox: null }, /inbox is not an inbox/],
  [{ inbox: memoryInbox }, /was its factory called/],
  [{ observers: { accepted: 1 } }, /observers\.accepted is 1; it must be a function/],
  [{ observers: true }, /observers is boolean/],
  [{ clock: {} }, /clock has no method now/],
  [{ clock: null }, /clock has no method now/],
  [{ name: 5 }, /name is 5; use 1 to 40/],
  [{ name: '' }, /name is ""/],
]

const wrongHandlers: [given: unknown[], says: RegExp][] = [
  [[() => {}], /needs the type of an event first, as a string; got function/],
  [['', () => {}], /got an empty string/],
  [[/order/, () => {}], /got object/],
  [[[undefined], () => {}], /got undefined/],
  [[[], () => {}], /at least one event type/],
  [
    ['order.paid', { name: 'save' }, () => {}],
    /needs a function, got object: options come after the handler/,
  ],
  [['order.paid', 'save'], /needs a function, got string$/],
  [['order.paid', () => {}, { name: '' }], /name is ""; it must be a string that is not empty/],
  [['order.paid', () => {}, { name: 1 }], /name is 1/],
  [['order.paid', () => {}, 'save'], /options are string/],
]

describe('what can not work is an error at once, which names it', () => {
  test.each(senseless)('%s: %o', (_, call, given, says) => {
    expect(() => call(...given)).toThrow(ConfigurationError)
    expect(() => call(...given)).toThrow(says)
  })

  test.each(wrongOptions)('createReceiver: %o', (option, says) => {
    const make = () => createReceiver({ provider: acme(), ...option } as never)
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(says)
  })

  test.each(wrongHandlers)('onEvent: %o', (given, says) => {
    const { receiver } = acmeReceiver()
    const register = () => (receiver.onEvent as Loose).apply(receiver, given)
    expect(register).toThrow(ConfigurationError)
    expect(register).toThrow(says)
    expect(receiver.eventTypes).toEqual([])
  })

  test('redrive without a key', async () => {
    const { receiver } = acmeReceiver()
    await expect((receiver.redrive as Loose).call(receiver)).rejects.toThrow(
      'redrive needs the key of an event, a string; got undefined',
    )
  })
  test.each<[given: unknown, says: RegExp]>([
    [{ timeOut: 5 }, /unknown option selfTest\.timeOut; did you mean selfTest\.timeout\?/],
    [{ timeout: Number.NaN }, /selfTest: timeout is NaN; it must be a number above 0/],
    [{ timeout: '5s' }, /selfTest: timeout is "5s"; it must be/],
    [5_000, /selfTest: the options are number; they must be an object/],
  ])('selfTest: %o', async (given, says) => {
    const { receiver } = acmeReceiver()
    const send = async () => ({ status: 200 })
    const tested = (receiver.selfTest as Loose).call(receiver, send, given)
    await expect(tested).rejects.toThrow(says)
    await expect(tested).rejects.toBeInstanceOf(ConfigurationError)
  })
  test.each<[given: unknown, says: RegExp]>([
    [undefined, /instrument: the instrument is undefined; it must be an object/],
    [() => {}, /instrument: the instrument is function/],
    [{ delivery: true }, /instrument: delivery is boolean; it must be a function/],
    [{ observers: [] }, /instrument: observers is an array; it must be an object/],
    [{ observers: { accepted: 1 } }, /instrument: accepted is number; it must be a function/],
  ])('instrument: %o', async (given, says) => {
    const { receiver, send } = acmeReceiver()
    const add = () => (receiver.instrument as Loose).call(receiver, given)
    expect(add).toThrow(ConfigurationError)
    expect(add).toThrow(says)
    expect(await send()).toMatchObject({ status: 200 })
  })
})
