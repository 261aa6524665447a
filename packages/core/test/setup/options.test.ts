import {
  ConfigurationError,
  createReceiver,
  memoryInbox,
  type ReceiverOptions,
  type SecretOption,
} from '@hookport/core'
import { recordedLogger } from '@hookport/testkit/logs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { acme, acmeSecret, post } from '../support/acme.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'
import { collectUnhandledRejections, rejectionsReported } from '../support/unhandled-rejections.ts'

const day = 24 * 3_600_000

/** The options as JavaScript may have them. */
function create(options: object) {
  return createReceiver({ provider: acme(), ...options } as ReceiverOptions)
}

describe('an option that can’t work is an error at construction that names it', () => {
  const notPositive = [0, -1, Number.NaN, '1000']
  const notWhole = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '16']
  const wrong: Record<string, unknown[]> = {
    dedupeWindow: [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '3 days'],
    maxAge: [0, -1, Number.NaN, '3 days', Number.NEGATIVE_INFINITY],
    acceptTimeout: [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '3s'],
    bodyTimeout: [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '3s'],
    handlerTimeout: [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '3s'],
    consume: ['false', 0],
    maxBodyBytes: notWhole,
    concurrency: notWhole,
    acknowledge: ['on-reciept', true, ''],
  }
  const rows = Object.entries(wrong).flatMap(([name, values]) =>
    values.map((value) => [name, value] as const),
  )
  test.each(rows)('%s: %o', (name, value) => {
    expect(() => create({ [name]: value })).toThrow(ConfigurationError)
    expect(() => create({ [name]: value })).toThrow(name)
  })

  const wrongRetry: [string, unknown][] = [
    ...notWhole.map((value) => ['attempts', value] as [string, unknown]),
    ...notPositive.map((value) => ['initialDelay', value] as [string, unknown]),
    ...notPositive.map((value) => ['maxDelay', value] as [string, unknown]),
    ...[-0.1, 1.1, Number.NaN].map((value) => ['jitter', value] as [string, unknown]),
  ]
  test.each(wrongRetry)('retry.%s: %o', (name, value) => {
    expect(() => create({ retry: { [name]: value } })).toThrow(ConfigurationError)
    expect(() => create({ retry: { [name]: value } })).toThrow(`retry.${name}`)
  })

  test('a longest delay that is under the first', () => {
    const retry = { initialDelay: 2_000, maxDelay: 1_000 }
    expect(() => create({ retry })).toThrow(/retry\.maxDelay \(1000 ms\).*retry\.initialDelay \(2000 ms\)/)
  })

  test.each([undefined, null, {}, 'sematryx'])('%o in place of a provider', (provider) => {
    expect(() => create({ provider })).toThrow(/needs a provider/)
  })

  test('the code of all of these is invalid_option', () => {
    expect(() => create({ concurrency: 0 })).toThrow(expect.objectContaining({ code: 'invalid_option' }))
  })
})

describe('an unknown option', () => {
  test.each([
    ['dedupewindow', 'dedupeWindow'],
    ['dedupWindow', 'dedupeWindow'],
    ['acknowlege', 'acknowledge'],
    ['maxBodybytes', 'maxBodyBytes'],
    ['observer', 'observers'],
  ])('%s is an error that asks whether %s was meant', (name, meant) => {
    expect(() => create({ [name]: undefined })).toThrow(`unknown option ${name}; did you mean ${meant}?`)
  })

  test('that is like no other is an error without a guess', () => {
    expect(() => create({ colour: 'red' })).toThrow(/^unknown option colour$/)
  })

  test('of retry is an error, too', () => {
    expect(() => create({ retry: { attemps: 3 } })).toThrow(
      'unknown option retry.attemps; did you mean retry.attempts?',
    )
  })

  test.each(['toString', 'constructor'])('%s is unknown although every object has it', (name) => {
    expect(() => create({ [name]: 1 })).toThrow(`unknown option ${name}`)
  })
})

describe('dedupeWindow', () => {
  test('under the time over which the provider retries is an error that says both figures', () => {
    expect(() => create({ dedupeWindow: day - 1 })).toThrow(ConfigurationError)
    expect(() => create({ dedupeWindow: day - 1 })).toThrow(/86399999 ms.*acme retries.*86400000 ms/)
  })

  test('as long as it is enough', () => {
    expect(create({ dedupeWindow: day }).provider).toBe('acme')
  })

  test('is 3 days unless told: a provider that retries for longer needs more', () => {
    expect(create({ provider: acme({ secret: acmeSecret, retryHorizon: 3 * day }) }).provider).toBe('acme')
    const provider = acme({ secret: acmeSecret, retryHorizon: 3 * day + 1 })
    expect(() => create({ provider })).toThrow(/259200000 ms.*259200001 ms/)
  })
})

describe('maxAge', () => {
  test('that leaves a gap for replays is warned of', () => {
    const { log } = acmeReceiver({ dedupeWindow: day, maxAge: day + 1 })
    expect(log.at('warn')).toMatchObject([{ message: expect.stringContaining('handled again') }])
  })

  test('that refuses the late retries of the provider is warned of', () => {
    const { log } = acmeReceiver({ maxAge: day - 1 })
    expect(log.at('warn')).toMatchObject([{ message: expect.stringContaining('late retries are refused') }])
  })
})

describe('an inbox in memory', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  test('is warned of once, in production', () => {
    vi.stubEnv('NODE_ENV', 'production')
    const { log } = acmeReceiver()
    expect(log.at('warn').map(({ message }) => message)).toEqual([expect.stringContaining('durable inbox')])
  })

  test('is nothing to warn of elsewhere, nor is a durable inbox in production', () => {
    expect(acmeReceiver().log.lines).toEqual([])
    vi.stubEnv('NODE_ENV', 'production')
    const { logger, lines } = recordedLogger()
    const receiver = create({ logger, inbox: Object.assign(memoryInbox(), { durable: true }) })
    expect(receiver.inbox.durable).toBe(true)
    expect(lines).toEqual([])
  })
})

describe('a secret that is none is an error at construction, never “accept all”', () => {
  const wrong: [string, unknown, RegExp][] = [
    ['undefined', undefined, /acme: secret is missing/],
    ['null', null, /acme: secret is missing/],
    ['empty', '', /acme: the secret is empty/],
    ['blank', ' \t\n', /acme: the secret is empty/],
    ['padded in front', ' secret', /acme: .*white space/],
    ['padded behind', 'secret\n', /acme: .*white space/],
    ['an empty list', [], /acme: the list of secrets is empty/],
    ['a list with an empty one', ['secret', ''], /acme: the secret is empty/],
    ['a list with an undefined one', ['secret', undefined], /acme: a secret is undefined/],
    ['a list with a padded one', ['secret', 'secret '], /acme: .*white space/],
    ['a number', 42, /acme: a secret is number/],
    ['an object', {}, /acme: a secret is object/],
  ]
  test.each(wrong)('%s', (_, secret, message) => {
    const construct = () => acme({ secret: secret as SecretOption })
    expect(construct).toThrow(ConfigurationError)
    expect(construct).toThrow(message)
  })

  test('nothing at all, as an unset environment variable is', () => {
    expect(() => acme({})).toThrow(/secret is missing; is the environment variable/)
  })

  test('allowUnsigned has to be true for it', () => {
    for (const allowUnsigned of [false, undefined, 'true', 1]) {
      expect(() => acme({ allowUnsigned: allowUnsigned as boolean })).toThrow(
        /secret is missing|allowUnsigned is .*; it must be true or false/,
      )
    }
    expect(acme({ allowUnsigned: true }).keys).toBeUndefined()
  })

  test('a secret beside allowUnsigned is a contradiction', () => {
    expect(() => acme({ secret: acmeSecret, allowUnsigned: true })).toThrow(/exclude each other/)
  })
})

describe('the name of a provider', () => {
  test.each(['', 'Acme', 'ac me', 'ac:me', 'ac_me', 'x'.repeat(41)])('can’t be %o', (name) => {
    expect(() => acme({ secret: acmeSecret, name })).toThrow(ConfigurationError)
  })

  test.each(['a', 'acme-2', 'x'.repeat(40)])('can be %s', (name) => {
    expect(acme({ secret: acmeSecret, name }).name).toBe(name)
  })
})

describe('what was given by mistake is named', () => {
  test('a factory in place of an inbox', () => {
    expect(() => create({ inbox: memoryInbox })).toThrow(/was its factory called/)
  })

  test('a misspelt observer', () => {
    expect(() => create({ observers: { handeld: () => {} } })).toThrow(
      /observers\.handeld; did you mean observers\.handled/,
    )
  })

  test('a logger that lacks a method', () => {
    expect(() => create({ logger: { log() {} } })).toThrow(/logger has no method debug/)
  })

  test('an event type with something else than a schema', () => {
    expect(() => acme({ secret: acmeSecret, events: { 'order.paid': {} } as never })).toThrow(
      /order\.paid is not a schema/,
    )
  })

  test.each([[undefined], ['x-acme-signature'], [['X-Acme-Signature']], [['']]])(
    'header names that are not a list in lower case: %j',
    (signatureHeaders) => {
      expect(() => acme({ secret: acmeSecret, signatureHeaders: signatureHeaders as never })).toThrow(
        /signatureHeaders is .+ must list the headers that readSignature reads, in lower case/,
      )
    },
  )

  test('an empty list of event types', () => {
    expect(() => createReceiver({ provider: acme() }).onEvent([], () => {})).toThrow(
      /at least one event type/,
    )
  })

  test('a misspelt event type, which only JavaScript lets through, by a warning', () => {
    const log = recordedLogger()
    createReceiver({ provider: acme(), logger: log.logger }).onEvent('order.payd' as 'order.paid', () => {})
    expect(log.at('warn')).toMatchObject([{ message: expect.stringContaining('did you mean order.paid') }])
  })
})

test('a logger that rejects does not end the process: a stranger can cause lines', async () => {
  const rejections = collectUnhandledRejections()
  const fail = () => Promise.reject(new Error('the log service is away'))
  const { receiver, send } = acmeReceiver({ logger: { debug: fail, info: fail, warn: fail, error: fail } })
  receiver.onEvent('order.paid', (_event, { logger }) => {
    logger.info({}, 'a line of the handler')
    throw new Error('failed')
  })
  expect(await receiver.receive(post('{}'))).toMatchObject({ status: 401 })
  expect(await receiver.receive({ ...post('{}'), logger: { warn: fail } as never })).toMatchObject({
    status: 401,
  })
  expect(await send()).toMatchObject({ status: 200 })
  await receiver.idle()
  await rejectionsReported()
  expect(rejections).toEqual([])
})

test('a logger that throws costs no event', async () => {
  const fail = () => {
    throw new Error('the log is full')
  }
  const receiver = createReceiver({
    provider: acme(),
    logger: { debug: fail, info: fail, warn: fail, error: fail },
  })
  expect(await receiver.receive(post('{}'))).toMatchObject({ status: 401 })
})
