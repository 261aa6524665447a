import {
  ConfigurationError,
  defineProvider,
  foundValue,
  memoryInbox,
  type ProviderDefinition,
} from '@hookport/core'
import { pathOption } from '@hookport/core/node'
import { expect, test } from 'vitest'
import { acmeReceiver } from '../support/acme-receiver.ts'

const application: { settings: { password: string }; self?: unknown } = { settings: { password: 'hunter2' } }
application.self = application

test.each<[unknown, string]>([
  ['a "text"', '"a \\"text\\""'],
  ['', '""'],
  [1024n, '1024n'],
  [Number.NaN, 'NaN'],
  [undefined, 'undefined'],
  [null, 'null'],
  [Symbol('x'), 'Symbol(x)'],
  [() => 1, 'a function'],
  [application, 'an object'],
  [new Date(Number.NaN), 'Invalid Date'],
  [Object.create(null), 'an object'],
  [['a', 1, [application, ['b']]], '["a",1,[an object,a list]]'],
])('%o is shown as %s', (value, shown) => {
  expect(foundValue(value)).toBe(shown)
})

/** Values of which neither JSON nor a text can be made, or must not be. */
const unwritable = { application, 'a bigint': 1024n, 'an object without a prototype': Object.create(null) }

/** Calls that take an option that must be something else. */
const calls: Record<string, (value: never) => unknown> = {
  name: (name) => acmeReceiver({ name }),
  acknowledge: (acknowledge) => acmeReceiver({ acknowledge }),
  maxBodyBytes: (maxBodyBytes) => acmeReceiver({ maxBodyBytes }),
  redact: (redact) => acmeReceiver({ redact }),
  maxBytes: (maxBytes) => memoryInbox({ maxBytes }),
  path: (path) => pathOption(path),
  algorithm: (algorithm) => defineProvider({ ...definition, algorithm }),
  typeHeader: (typeHeader) => defineProvider({ ...definition, typeHeader }),
}

const definition: ProviderDefinition = {
  name: 'acme',
  secret: 'a secret of acme',
  retryHorizon: 0,
  events: {},
  signatureHeaders: ['x-acme-signature'],
  readSignature: () => 'missing',
  readEnvelope: () => ({ id: undefined, type: 'any', createdAt: undefined }),
}

test.each(
  Object.entries(unwritable).flatMap(([kind, value]) =>
    Object.entries(calls).map(([name, call]) => ({ kind, value, name, call })),
  ),
)(
  '$kind as $name is an error that names the option, and shows nothing of what is in it',
  ({ value, name, call }) => {
    let error: unknown
    try {
      call(value as never)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(String(error)).toContain(`${name} is `)
    expect(String(error)).not.toContain('hunter2')
  },
)
