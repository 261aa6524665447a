import { runInNewContext } from 'node:vm'
import { createReceiver, type ReceiverOptions } from '@hookport/core'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { standardErrorLogger } from '../../src/setup/standard-error-logger.ts'
import { acme, post, sign } from '../support/acme.ts'

let written: string[] = []

beforeEach(() => {
  written = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(String(text))
    return true
  })
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

/** What a receiver says of a forged delivery. */
async function forge(options: Partial<ReceiverOptions> = {}): Promise<string[]> {
  const receiver = createReceiver({ provider: acme(), ...options })
  expect(await receiver.receive(post('{}', { 'x-acme-signature': sign('other') }))).toMatchObject({
    status: 401,
  })
  return written
}

test('without a logger, warnings and errors go to standard error in one readable line with reason and fix', async () => {
  expect(await forge()).toEqual([
    expect.stringMatching(
      /^hookport warning \(acme\): delivery refused: the signature does not match the body under any secret\. Fix: is the secret .*\[code=invalid_signature\]\n$/,
    ),
  ])
})

test('with NODE_ENV=production the line is JSON', async () => {
  vi.stubEnv('NODE_ENV', 'production')
  const lines = (await forge()).map((line) => JSON.parse(line))
  expect(lines).toContainEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-/),
    name: 'hookport',
    provider: 'acme',
    code: 'invalid_signature',
    fix: expect.stringContaining('secret'),
    msg: 'delivery refused: the signature does not match the body under any secret',
  })
  expect(lines).toContainEqual(expect.objectContaining({ msg: expect.stringContaining('durable inbox') }))
})

test.each(['test', 'production'])(
  'an error of another realm, as those of Node are in a test of Jest, is told like any other: NODE_ENV=%s',
  (environment) => {
    vi.stubEnv('NODE_ENV', environment)
    const err = runInNewContext("new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })")
    expect(err).not.toBeInstanceOf(Error)
    standardErrorLogger.error({ err }, 'it failed')
    expect(written.join()).toMatch(/TypeError.*fetch failed.*ECONNREFUSED/)
  },
)

test('so is an aborted request, which is a DOMException', () => {
  const err = new DOMException('The operation timed out', 'TimeoutError')
  Object.setPrototypeOf(Object.getPrototypeOf(err), runInNewContext('Error.prototype'))
  onTestFinished(() => void Object.setPrototypeOf(DOMException.prototype, Error.prototype))
  expect(err).not.toBeInstanceOf(Error)
  standardErrorLogger.error({ err }, 'it failed')
  expect(written.join()).toMatch(/TimeoutError.*timed out/)
})

test.each(['test', 'production'])(
  'of an error nothing is written that only its toJSON tells, as the headers of a request: NODE_ENV=%s',
  (environment) => {
    vi.stubEnv('NODE_ENV', environment)
    const toJSON = () => ({ message: 'no secret', headers: { authorization: 'Bearer abc' } })
    const err = Object.assign(new Error('no secret for t1'), { toJSON })
    standardErrorLogger.error({ err, trouble: { err }, around: new Error('no', { cause: err }) }, 'it failed')
    expect(written.join().match(/no secret for t1/g)?.length).toBeGreaterThanOrEqual(3)
    expect(written.join()).not.toContain('Bearer')
  },
)

test('logger: false is silence', async () => {
  expect(await forge({ logger: false })).toEqual([])
})

test('a logger that is given is the only one that speaks', async () => {
  const warn = vi.fn()
  expect(await forge({ logger: { debug() {}, info() {}, warn, error() {} } })).toEqual([])
  expect(warn).toHaveBeenCalledTimes(1)
})

test('debug and info are not written', () => {
  standardErrorLogger.debug({}, 'a')
  standardErrorLogger.info({}, 'b')
  expect(written).toEqual([])
})

test('where there is no standard error, lines go to the console', () => {
  vi.stubGlobal('process', undefined)
  const [warn, error] = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')].map((spy) =>
    spy.mockImplementation(() => {}),
  )
  standardErrorLogger.warn({ provider: 'acme' }, 'something')
  standardErrorLogger.error({}, 'something worse')
  vi.unstubAllGlobals()
  expect(warn?.mock.calls).toEqual([['hookport warning (acme): something.']])
  expect(error?.mock.calls).toEqual([['hookport error: something worse.']])
})

describe('a line stays one line, and readable', () => {
  const cause = new Error('disk full\nreally')
  test.each<[string, Record<string, unknown>, string]>([
    ['line ends', { id: 'a\nhookport error: forged\u2028' }, 'id="a\\nhookport error: forged\\u2028"'],
    [
      'an error with its cause',
      { err: new TypeError('no', { cause }) },
      'err=TypeError: no, because of Error: disk full\\u000areally',
    ],
    [
      'an error without a stack trace',
      { failures: [{ handler: 'a', err: cause }] },
      'failures=[{"handler":"a","err":"Error: disk full\\nreally"}]',
    ],
    ['a long text', { id: 'x'.repeat(5_000) }, `id="${'x'.repeat(1_000)}… (5000 characters)"`],
    ['numbers, nothing and plain words', { a: 1, b: null, c: undefined, d: 'evt_1' }, 'a=1 b=null d=evt_1'],
    ['what JSON does not know', { a: 10n, b: () => {} }, 'a="10" b='],
  ])('%s', (_, details, expected) => {
    standardErrorLogger.warn(details, 'it\nhappened')
    expect(written).toHaveLength(1)
    expect(written[0]).toMatch(/^hookport warning: it\\u000ahappened\. \[.*\]\n$/)
    expect(written[0]).toContain(expected)
  })

  test.each(['development', 'production'])(
    'in %s what can not be written costs neither the line nor the rest',
    (env) => {
      vi.stubEnv('NODE_ENV', env)
      const circle: Record<string, unknown> = {}
      circle.self = circle
      const err = new Error('the store is away', { cause: circle })
      const itself = new Error('again')
      itself.cause = itself
      standardErrorLogger.error({ provider: 'acme', key: 'acme:1', circle, err, itself }, 'lost')
      expect(written).toHaveLength(1)
      for (const part of ['lost', 'acme:1', 'could not be written', 'Error: again', 'the store is away'])
        expect(written[0]).toContain(part)
    },
  )

  test.each(['development', 'production'])(
    'in %s nothing in it commands a terminal, or turns its order round',
    (env) => {
      vi.stubEnv('NODE_ENV', env)
      const id = 'evt_\u009b2J\u001b]0;\u0007\u007f\u202eevil\u2066\u2028'
      standardErrorLogger.warn({ id, err: new Error(id) }, `it happened: ${id}`)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      expect(written[0]?.slice(0, -1)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/)
      if (env === 'production')
        expect(JSON.parse(written[0] ?? '')).toMatchObject({ id, err: { message: id } })
    },
  )

  test.each(['development', 'production'])('in %s a long message is cut off, as a long value is', (env) => {
    vi.stubEnv('NODE_ENV', env)
    standardErrorLogger.warn({}, `it has no ${'x'.repeat(1_000_000)}`)
    expect(written[0]).toContain('… (1000010 characters)')
    expect(written[0]?.length).toBeLessThan(1_200)
  })

  test('in production an error has its stack trace, in the same line', () => {
    vi.stubEnv('NODE_ENV', 'production')
    standardErrorLogger.error({ err: cause }, 'it happened')
    expect(written[0]?.trimEnd()).not.toContain('\n')
    expect(JSON.parse(written[0] ?? '')).toMatchObject({
      err: { type: 'Error', message: 'disk full\nreally', stack: expect.stringContaining('at ') },
    })
  })
})
