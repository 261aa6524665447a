import { ConfigurationError, createReceiver, type Receiver } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { webWebhooks } from '@hookport/core/web'
import * as express from '@hookport/express'
import * as fastifyPlugins from '@hookport/fastify'
import * as koa from '@hookport/koa'
import * as next from '@hookport/next'
import * as nextPages from '@hookport/next/pages'
import { jaotReceiver } from '@hookport/providers/jaot'
import { sematryx, sematryxReceiver } from '@hookport/providers/sematryx'
import { fastify } from 'fastify'
import { afterEach, describe, expect, test, vi } from 'vitest'

type Call = (...given: unknown[]) => unknown

const secret = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

/** Registers a plugin, and throws what that rejects with. */
function registering(plugin: unknown): Call {
  return async (options) => {
    const app = fastify()
    try {
      await app.register(plugin as Parameters<typeof app.register>[0], options as object)
    } finally {
      await app.close()
    }
  }
}

/** What takes the options of a provider and its receiver together, by the name that an error gives it. */
const sugar: readonly [of: string, name: string, call: Call, own: readonly string[]][] = [
  ['providers', 'sematryxReceiver', sematryxReceiver as Call, []],
  ['providers', 'jaotReceiver', jaotReceiver as Call, []],
  ['express', 'sematryxWebhooks', express.sematryxWebhooks as Call, ['path']],
  ['express', 'jaotWebhooks', express.jaotWebhooks as Call, ['path']],
  ['koa', 'sematryxWebhooks', koa.sematryxWebhooks as Call, ['path']],
  ['koa', 'jaotWebhooks', koa.jaotWebhooks as Call, ['path']],
  ['next', 'sematryxWebhooks', next.sematryxWebhooks as Call, []],
  ['next', 'jaotWebhooks', next.jaotWebhooks as Call, []],
  ['next/pages', 'sematryxWebhooks', nextPages.sematryxWebhooks as Call, []],
  ['next/pages', 'jaotWebhooks', nextPages.jaotWebhooks as Call, []],
  [
    'fastify',
    'sematryxWebhooks',
    registering(fastifyPlugins.sematryxWebhooks),
    ['path', 'bodyLimit', 'decorate'],
  ],
  ['fastify', 'jaotWebhooks', registering(fastifyPlugins.jaotWebhooks), ['path', 'logLevel']],
]

/** What mounts a receiver. */
const mounting: readonly [name: string, call: Call][] = [
  ['nodeWebhooks', nodeWebhooks as Call],
  ['webWebhooks', webWebhooks as Call],
  ['expressWebhooks', express.expressWebhooks as Call],
  ['koaWebhooks', koa.koaWebhooks as Call],
  ['nextWebhooks', next.nextWebhooks as Call],
  ['pagesWebhooks', nextPages.pagesWebhooks as Call],
  ['fastifyWebhooks', fastifyPlugins.fastifyWebhooks as Call],
]

async function complaintOf(call: () => unknown): Promise<string> {
  try {
    await call()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    return (error as Error).message
  }
  return expect.fail('nothing was thrown')
}

/** The same with the last but one letter left out. */
function misspelt(name: string): string {
  return name.slice(0, -2) + name.slice(-1)
}

afterEach(() => void vi.unstubAllEnvs())

describe.each(sugar)('%s: %s', (of, name, call, own) => {
  test('a misspelt secret is named, and not a missing one', async () => {
    const complaint = await complaintOf(() => call({ secrte: secret }))
    expect(complaint).toBe('unknown option secrte; did you mean secret?')
  })

  test.each(['consume', 'events', 'dedupeWindow', 'redact', ...own])('%s is recognised', async (option) => {
    const complaint = await complaintOf(() => call({ secret, [misspelt(option)]: undefined }))
    expect(complaint).toBe(`unknown option ${misspelt(option)}; did you mean ${option}?`)
  })

  test.each(['provider', 'toString', 'colour'])('%s is no option', async (option) => {
    expect(await complaintOf(() => call({ secret, [option]: {} }))).toMatch(`unknown option ${option}`)
  })

  test.runIf(of !== 'fastify')('takes an object, and says so', async () => {
    expect(await complaintOf(() => call())).toBe(`${name}: the options are undefined; they must be an object`)
    expect(await complaintOf(() => call(null))).toBe(`${name}: the options are null; they must be an object`)
    expect(await complaintOf(() => call(secret))).toBe(
      `${name}: the options are string; they must be an object`,
    )
  })
})

test('while next build loads a route, a misspelt option is named too', async () => {
  vi.stubEnv('NEXT_PHASE', 'phase-production-build')
  const call = next.sematryxWebhooks as Call
  expect(await complaintOf(() => call({ secrte: secret }))).toBe(
    'unknown option secrte; did you mean secret?',
  )
  expect(await complaintOf(() => call())).toMatch('sematryxWebhooks: the options are undefined')
})

describe.each(mounting)('%s', (name, call) => {
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'given nothing: pass what createReceiver({ provider })'],
    ['null', null, 'given nothing: pass what createReceiver({ provider })'],
    ['options', { secret }, 'given a value of type object: pass what createReceiver({ provider })'],
    ['a function', () => {}, 'given a value of type function: pass what createReceiver({ provider })'],
    [
      'a provider',
      sematryx({ secret }),
      'given a provider: createReceiver({ provider }) makes a receiver of it',
    ],
  ])('needs a receiver, and refuses %s', async (_, given, found) => {
    expect(await complaintOf(() => call(given))).toMatch(`${name} needs a receiver and was ${found}`)
  })
})

describe('the route of Fastify', () => {
  const { sematryxWebhooks: plugin, fastifyWebhooks, drainRoute } = fastifyPlugins

  test.each([
    ['path', 7, '7; it must be a string'],
    ['path', null, 'null; it must be a string'],
    ['prefix', 7, '7; it must be a string'],
    ['logLevel', 30, '30; it must be a string'],
    ['bodyLimit', '1mb', '"1mb"; it must be a whole number of 1 or more'],
    ['bodyLimit', 0, '0; it must be a whole number of 1 or more'],
    ['logPerRequest', 'yes', '"yes"; it must be true or false'],
  ])('%s can not be %j', async (option, value, found) => {
    const options = { secret, logger: false, [option]: value }
    expect(await complaintOf(() => registering(plugin)(options))).toBe(
      `sematryxWebhooks: ${option} is ${found}`,
    )
    const receiver = createReceiver({ provider: sematryx({ secret }), logger: false })
    expect(await complaintOf(() => registering(fastifyWebhooks(receiver))({ [option]: value }))).toBe(
      `fastifyWebhooks: ${option} is ${found}`,
    )
  })

  test.each([7, ''])('decorate can not be %j', async (decorate) => {
    expect(await complaintOf(() => registering(plugin)({ secret, logger: false, decorate }))).toMatch(
      'sematryxWebhooks: decorate is',
    )
  })

  test('a drain is one of a receiver', async () => {
    expect(await complaintOf(() => (drainRoute as Call)(undefined, { secret }))).toMatch(
      'drainRoute needs a receiver and was given nothing',
    )
  })
})

describe('options beside a receiver', () => {
  const receiver = createReceiver({ provider: sematryx({ secret }), logger: false }) as Receiver
  const calls: readonly [string, Call][] = [
    ['expressWebhooks', (options) => express.expressWebhooks(receiver, options as object)],
    ['koaWebhooks', (options) => koa.koaWebhooks(receiver, options as object)],
    ['fastifyWebhooks', (options) => registering(fastifyPlugins.fastifyWebhooks(receiver))(options)],
  ]

  test.each(calls)('of %s: an unknown one is named', async (_, call) => {
    expect(await complaintOf(() => call({ pth: '/hook' }))).toBe('unknown option pth; did you mean path?')
  })

  test.each(calls.slice(0, 2))('of %s: a path is not given as it is', async (name, call) => {
    expect(await complaintOf(() => call('/hook'))).toBe(
      `${name}: the options are string; they must be an object`,
    )
  })

  test.each(calls.slice(0, 2))('of %s: a path is a string that begins with a slash', async (_, call) => {
    for (const [path, found] of [
      ['hook', '"hook"'],
      [7, '7'],
      [null, 'null'],
    ]) {
      expect(await complaintOf(() => call({ path }))).toBe(
        `path is ${found}; it must be a string, and begin with a slash`,
      )
    }
  })

  test.each(calls.slice(0, 2))('of %s: a path that no request can have is refused', async (_, call) => {
    for (const path of ['/hook?tenant=1', '/hook#part', '/hooks/:tenant', '/hooks/*'])
      expect(await complaintOf(() => call({ path }))).toBe(
        `path is "${path}"; it is compared as it stands, without a query: mount the webhook in a route for a pattern`,
      )
    await call({ path: '/hooks/v1:sematryx' }) // is a path like any other
  })
})
