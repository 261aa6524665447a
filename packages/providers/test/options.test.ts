import { ConfigurationError, type Provider } from '@hookport/core'
import { providersByName } from '@hookport/providers/by-name'
import { jaotReceiver } from '@hookport/providers/jaot'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { expect, test } from 'vitest'

const secret = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const url = 'https://example.com/hook'
const publicKey = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'

/** What each kind of option can't be. */
const wrong = {
  age: [Number.NaN, -1, 0, '300000', null, [], {}, 10n, true],
  horizon: [Number.NaN, -1, Number.POSITIVE_INFINITY, '300000', null, [], {}],
  url: [
    '',
    'not a url',
    '/hook',
    'example.com/hook',
    'ftp://example.com',
    ' https://example.com',
    'https://example.com/hook and more',
    'https://[hook',
    7,
    null,
    {},
  ],
  token: ['', ' padded', 'padded\n', 'undefined', 'null', 7, null, {}, []],
  boolean: ['true', 1, 0, null, 'false'],
  encoding: ['hex', '', 'toString', null, 7],
  name: ['', 'Upper', 'a b', 7, null, 'x'.repeat(41)],
  events: [null, [], 'order.paid', 7, Promise.resolve({}), { 'order.paid': {} }, { 'order.paid': null }],
  secret: ['', ' padded', 'undefined', 'null', 7, {}, [], [''], [null], true],
} satisfies Record<string, readonly unknown[]>

const right: Record<string, Record<string, unknown>> = {
  discord: { secret: publicKey },
  twilio: { secret, publicUrl: url },
}

/** Every option, by what it is. `allowUnsigned` and `secret` and `events` are those of all. */
const options: Record<string, Record<string, keyof typeof wrong>> = {
  sematryx: { acceptReserialized: 'boolean' },
  jaot: {},
  github: {},
  stripe: { tolerance: 'age' },
  'standard-webhooks': {
    name: 'name',
    retryHorizon: 'horizon',
    secretEncoding: 'encoding',
    tolerance: 'age',
  },
  slack: { tolerance: 'age' },
  shopify: {},
  twilio: { publicUrl: 'url' },
  meta: { verifyToken: 'token' },
  discord: { tolerance: 'age' },
}
const ofAll = { secret: 'secret', allowUnsigned: 'boolean', events: 'events' } as const

const make = (provider: string, changes: Record<string, unknown> = {}): Provider =>
  (providersByName[provider] as (options: object) => Provider)({
    ...(right[provider] ?? { secret }),
    ...changes,
  })

const rows = Object.entries(options).flatMap(([provider, own]) =>
  Object.entries({ ...ofAll, ...own }).flatMap(([option, kind]) =>
    wrong[kind].map((value: unknown) => ({ provider, option, value })),
  ),
)

test('every provider has its options here', () => {
  expect(Object.keys(options).sort()).toEqual(Object.keys(providersByName).sort())
  for (const provider of Object.keys(options)) expect(() => make(provider)).not.toThrow()
})

test.each(rows)(
  '$provider refuses $option: $value at construction, and names it',
  ({ provider, option, value }) => {
    expect(() => make(provider, { [option]: value })).toThrow(ConfigurationError)
    const name = option === 'events' ? /events|event type order\.paid/ : new RegExp(option)
    expect(() => make(provider, { [option]: value })).toThrow(name)
  },
)

test.each([
  ['', 'empty'],
  [7, '7'],
  [null, 'null'],
  [['https://example.com'], 'a list'],
  [{}, 'a object'],
  ['example.com', 'a string'],
])('an error says what an option is: %j', (publicUrl, found) => {
  expect(() => make('twilio', { publicUrl })).toThrow(
    `twilio: publicUrl is ${found}; it must be the whole URL that is registered with the sender`,
  )
})

test('a secret that is not base64 is not what Standard Webhooks gives out, and the error says so', () => {
  const reason = 'standard-webhooks: the secret is not base64; does it belong to another provider?'
  for (const written of ['whsec_not base64!', `${secret}whsec_${secret}`, 'sk_live_1'])
    expect(() => make('standard-webhooks', { secret: written })).toThrow(reason)
})

test.each(Object.keys(options))(
  '%s refuses an option that it does not have, and names what was meant',
  (provider) => {
    expect(() => make(provider, { event: {} })).toThrow(
      new ConfigurationError(`${provider}: there is no option event; did you mean events?`),
    )
    expect(() => make(provider, { toString: {} })).toThrow(/there is no option toString/)
  },
)

// Made first, the provider would say that there is no secret.
test.each([sematryxReceiver, jaotReceiver])(
  'a receiver in one call names the option that it does not have',
  (make) => {
    expect(() => make({ secrets: [secret] } as never)).toThrow(/option secrets; did you mean secret\?/)
    expect(() => make(undefined as never)).toThrow(/^(sematryx|jaot)Receiver: the options are undefined/)
  },
)

test('an option that is undefined is one that is left out', () => {
  for (const [provider, own] of Object.entries(options)) {
    const undefinedOptions = Object.fromEntries(Object.keys(own).map((name) => [name, undefined]))
    expect(() =>
      make(provider, {
        allowUnsigned: undefined,
        events: undefined,
        ...undefinedOptions,
        ...right[provider],
      }),
    ).not.toThrow()
  }
})

test.each([' the token', 'the token\n'])('an error in an option holds nothing of it: %j', (verifyToken) => {
  const error = thrownBy(() => make('meta', { verifyToken }))
  expect(error).toBeInstanceOf(ConfigurationError)
  expect(`${error?.message} ${error?.stack}`).not.toContain('the token')
})

function thrownBy(step: () => unknown): Error | undefined {
  try {
    step()
  } catch (error) {
    return error as Error
  }
  return undefined
}

test.each([undefined, null, 'secret'])('options that are %s are an error that says so', (value) => {
  for (const [provider, make] of Object.entries(providersByName)) {
    if (provider === 'twilio') continue // by name, its options are completed
    expect(() => make(value as never)).toThrow(`${provider}: options are missing`)
  }
})
