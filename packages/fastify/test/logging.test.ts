import { Writable } from 'node:stream'
import { manualClock } from '@hookport/core/testing'
import { fastifyWebhooks, jaotWebhooks, sematryxWebhooks, throughApp } from '@hookport/fastify'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { postDelivery } from '@hookport/testkit/http/serve-and-post'
import { recordedLogger } from '@hookport/testkit/logs'
import { sematryxSecret, signedSematryx, testTime } from '@hookport/testkit/receivers/signed-deliveries'
import { type FastifyBaseLogger, fastify } from 'fastify'
import { fastify as fastify4 } from 'fastify4'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { startApp } from './start-app.ts'

const options = { path: '/hooks', secret: sematryxSecret, clock: manualClock(testTime) }
const forged = { ...signedSematryx(), body: Buffer.from('{}') }

function loggingApp() {
  const lines: Record<string, unknown>[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)))
      done()
    },
  })
  return { app: fastify({ logger: { level: 'debug', stream } }), lines }
}

test("a refusal is a line of its request's logger", async () => {
  const { app, lines } = loggingApp()
  await app.register(sematryxWebhooks, options)
  await postDelivery(`${await startApp(app)}/hooks`, forged)
  const arrival = lines.find(({ msg }) => msg === 'incoming request')
  const refusal = lines.find(({ code }) => code === 'invalid_signature')
  expect(refusal).toMatchObject({ level: 40, provider: 'sematryx', reqId: expect.any(String) })
  expect(refusal?.reqId).toBe(arrival?.reqId)
})

test("a failed handler is a line of the application's logger", async () => {
  const { app, lines } = loggingApp()
  await app.register(sematryxWebhooks, options)
  app.sematryxWebhooks.onAnyEvent(() => {
    throw new Error('the database is away')
  })
  await postDelivery(`${await startApp(app)}/hooks`, signedSematryx({ id: 'evt_logged' }))
  await app.sematryxWebhooks.idle()
  expect(lines).toContainEqual(expect.objectContaining({ level: 40, id: 'evt_logged', attempt: 1 }))
})

test('a logger of your own gets every line instead', async () => {
  const { app, lines } = loggingApp()
  const own = recordedLogger()
  await app.register(sematryxWebhooks, { ...options, logger: own.logger })
  await postDelivery(`${await startApp(app)}/hooks`, forged)
  expect(own.lines.map(({ details }) => details.code)).toEqual(['invalid_signature'])
  expect(lines.filter(({ code }) => code !== undefined)).toEqual([])
})

test.each([
  ['sematryxWebhooks', sematryxWebhooks],
  ['jaotWebhooks', jaotWebhooks],
] as const)(
  'a logger that was given to %s is not overruled by that of the application',
  async (_, webhooks) => {
    const { app, lines } = loggingApp()
    const own = recordedLogger()
    await app.register(webhooks as typeof sematryxWebhooks, { ...options, logger: own.logger })
    await postDelivery(`${await startApp(app)}/hooks`, { ...forged, headers: {} })
    expect(own.lines.map(({ details }) => details.code)).toEqual(['missing_signature'])
    expect(lines.filter(({ code }) => code !== undefined)).toEqual([])
  },
)

test("a receiver of your own keeps its logger, unless it shall log to its requests'", async () => {
  const own = recordedLogger()
  const receiver = sematryxReceiver({ secret: sematryxSecret, logger: own.logger })
  const { app, lines } = loggingApp()
  await app.register(fastifyWebhooks(receiver), { path: '/own' })
  await app.register(fastifyWebhooks(receiver), { path: '/request', logPerRequest: true })
  const url = await startApp(app)
  await postDelivery(`${url}/own`, forged)
  expect(own.lines).toHaveLength(1)
  await postDelivery(`${url}/request`, forged)
  expect(own.lines).toHaveLength(1)
  expect(lines.filter(({ code }) => code === 'invalid_signature')).toHaveLength(1)
})

test("with logPerRequest false, lines go to the application's logger without their request", async () => {
  const { app, lines } = loggingApp()
  await app.register(sematryxWebhooks, { ...options, logPerRequest: false })
  await postDelivery(`${await startApp(app)}/hooks`, forged)
  const refusals = lines.filter(({ code }) => code === 'invalid_signature')
  expect(refusals.map(({ reqId }) => reqId)).toEqual([undefined])
})

/** What is written to standard error until the test ends. */
function standardError(): string[] {
  const written: string[] = []
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(String(text))
    return true
  })
  onTestFinished(() => write.mockRestore())
  return written
}

describe.each([
  ['Fastify 5', fastify],
  ['Fastify 4', fastify4 as unknown as typeof fastify],
])('%s whose logger is off', (_, create) => {
  test('counts as one without: the default logger speaks, in a line', async () => {
    const written = standardError()
    const app = create()
    await app.register(sematryxWebhooks, options)
    await postDelivery(`${await startApp(app)}/hooks`, forged)
    expect(written).toEqual([expect.stringMatching(/^hookport warning \(sematryx\): .*\n$/)])
  })

  test('is silent with logger: false', async () => {
    const written = standardError()
    const app = create()
    await app.register(sematryxWebhooks, { ...options, logger: false })
    await postDelivery(`${await startApp(app)}/hooks`, forged)
    expect(written).toEqual([])
  })
})

test('a logger that was set to silent is one', async () => {
  const written = standardError()
  const app = fastify({ logger: { level: 'silent' } })
  await app.register(sematryxWebhooks, options)
  await postDelivery(`${await startApp(app)}/hooks`, forged)
  expect(written).toEqual([])
})

test('logLevel holds for the lines of requests, and for those of the receiver', async () => {
  const { app, lines } = loggingApp()
  await app.register(sematryxWebhooks, { ...options, logLevel: 'error' })
  app.sematryxWebhooks.onAnyEvent(() => {
    throw new Error('the database is away')
  })
  const url = await startApp(app)
  await postDelivery(`${url}/hooks`, forged)
  await postDelivery(`${url}/hooks`, signedSematryx({ id: 'evt_level' }))
  await app.sematryxWebhooks.idle()
  expect(lines.filter(({ level }) => Number(level) < 50 && level !== 30)).toEqual([])
  expect(lines.filter(({ msg }) => msg === 'incoming request')).toEqual([])
})

test("a logger of the application's own making is one, also without a level", async () => {
  const own = recordedLogger()
  const { debug, info, warn, error } = own.logger
  const ofApplication = { trace: debug, debug, info, warn, error, fatal: error, child: () => ofApplication }
  const written = standardError()
  const app = fastify({ loggerInstance: ofApplication as unknown as FastifyBaseLogger })
  await app.register(sematryxWebhooks, options)
  await postDelivery(`${await startApp(app)}/hooks`, forged)
  expect(own.lines.filter(({ details }) => details.code === 'invalid_signature')).toHaveLength(1)
  expect(written).toEqual([])
})

test('a probe of the self-test goes through an application that does not listen', async () => {
  const { app } = loggingApp()
  await app.register(sematryxWebhooks, options)
  await app.sematryxWebhooks.selfTest(throughApp(app, '/hooks'))
  await expect(app.sematryxWebhooks.selfTest(throughApp(app, '/elsewhere'))).rejects.toThrow(
    'nothing answers',
  )
  await app.close()
})
