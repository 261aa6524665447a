import { createReceiver, type Provider } from '@hookport/core'
import { diagnoseSignature } from '@hookport/core/doctor'
import { sematryx } from '@hookport/providers/sematryx'
import { standardWebhooks } from '@hookport/providers/standard-webhooks'
import { recordedLogger } from '@hookport/testkit/logs'
import { afterEach, describe, expect, test, vi } from 'vitest'

const kib = 1024

function numbers(bytes: number): string {
  const list = Array.from({ length: Math.floor(bytes / 8) }, (_, index) => (1.5 + index / 1000).toFixed(4))
  return `[${list.join(',')}]`
}

/** What a stranger would send who wants a diagnosis to take long. */
const bodies: Record<string, string | Uint8Array> = {
  '1 MiB of numbers': numbers(1024 * kib),
  '60 KiB of numbers': numbers(60 * kib),
  '64 KiB of numbers that Python writes otherwise': `[${'1e-7,'.repeat(12_000)}1]`,
  'quotes that are escaped, 80 KiB of them': `{${'"\\'.repeat(40 * kib)}`,
  'quotes that are escaped, 1 MiB of them': `{${'"\\'.repeat(512 * kib)}`,
  'a quote without an end, and 1 MiB behind it': `{"${'\\"'.repeat(512 * kib)}`,
  'brackets, 64 KiB deep': '['.repeat(32 * kib) + ']'.repeat(32 * kib),
  'brackets, 1 MiB deep': '['.repeat(512 * kib) + ']'.repeat(512 * kib),
  'brackets without an end': '['.repeat(1024 * kib),
  'a long list 60 levels deep': `${'['.repeat(60)}${'1,'.repeat(31 * kib)}1${']'.repeat(60)}`,
  'a thousand names': JSON.stringify(
    Object.fromEntries(Array.from({ length: 6_000 }, (_, i) => [`k${i}`, 1])),
  ),
  'nothing but escapes': JSON.stringify('ü'.repeat(30 * kib)),
  '1 MiB of newlines': '\n'.repeat(1024 * kib),
  '1 MiB of spaces': `{${' '.repeat(1024 * kib)}`,
  'no text at all': Buffer.alloc(1024 * kib, 0xff),
}

/** Headers that hold as many signatures as Node lets through. */
const headers = new Headers({
  'x-sematryx-signature': 'ab'.repeat(32),
  ...Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`x-${index}`, 'cd'.repeat(32)])),
})

/** 50 ms, and a step that was begun before; twice that for a runtime that has not compiled it yet. */
const mostCpuMs = 120

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

describe('in limited time a diagnosis of hostile input ends', () => {
  test.each(Object.entries(bodies))('%s', async (_, body) => {
    const signatureCase = {
      provider: sematryx({ allowUnsigned: true, acceptReserialized: true }),
      secrets: ['a secret'],
      headers,
      withinMs: 50,
    }
    await diagnoseSignature({ ...signatureCase, body: Buffer.from('{"warm":"up"}') })
    const before = process.threadCpuUsage()
    const diagnosis = await diagnoseSignature({ ...signatureCase, body: Buffer.from(body) })
    expect(cpuMsSince(before)).toBeLessThan(mostCpuMs)
    expect(diagnosis.cause).toMatch(/^(none of the known causes|truncated_body|reserialized_json)$/)
  })
})

test('several secrets and 1 MiB: no algorithm is tried once the time is over', async () => {
  const secrets = [1, 2, 3, 4].map((byte) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`)
  const signed = new Headers({
    'webhook-id': 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W',
    'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
    'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}`,
  })
  const signatureCase = { provider: standardWebhooks({ allowUnsigned: true }), secrets, headers: signed }
  await diagnoseSignature({ ...signatureCase, body: Buffer.from('{"warm":"up"}'), withinMs: 50 })
  const before = process.threadCpuUsage()
  await diagnoseSignature({ ...signatureCase, body: Buffer.alloc(1024 * kib, '{"a":1.0}'), withinMs: 50 })
  expect(cpuMsSince(before)).toBeLessThan(mostCpuMs)
})

test.each([
  ['digits', `${'a'.repeat(15 * kib)}!`],
  ['digits and padding', `${'a'.repeat(7 * kib)}${'='.repeat(7 * kib)}!`],
  ['short runs of digits', 'a='.repeat(7 * kib)],
])('a signature header as long as Node lets through, of %s, is read once', async (_, signature) => {
  const provider = sematryx({ allowUnsigned: true })
  const signatureCase = { provider, secrets: ['a secret'], body: Buffer.from('{}'), withinMs: 50 }
  await diagnoseSignature({ ...signatureCase, headers })
  const before = process.threadCpuUsage()
  await diagnoseSignature({ ...signatureCase, headers: new Headers({ 'x-sematryx-signature': signature }) })
  expect(cpuMsSince(before)).toBeLessThan(mostCpuMs)
})

test('without a limit hostile input ends too: patterns are linear, and depth is bounded', async () => {
  for (const name of ['quotes that are escaped, 1 MiB of them', 'brackets, 1 MiB deep']) {
    const body = Buffer.from(bodies[name] as string)
    const before = process.threadCpuUsage()
    await diagnoseSignature({
      provider: sematryx({ allowUnsigned: true }),
      secrets: ['a secret'],
      headers,
      body,
    })
    expect(cpuMsSince(before)).toBeLessThan(3_000)
  }
})

describe('in development', () => {
  afterEach(() => vi.unstubAllEnvs())

  function developing(changes: Partial<Provider> = {}) {
    vi.stubEnv('NODE_ENV', 'development')
    const { logger, lines } = recordedLogger()
    const provider = { ...sematryx({ secret: 'a secret' }), ...changes }
    const receiver = createReceiver({ provider, logger, maxBodyBytes: 2 * 1024 * kib })
    const forge = (body: string | Uint8Array) =>
      receiver.receive({ method: 'POST', url: '/', headers, readBody: () => Buffer.from(body) })
    return { forge, lines }
  }

  test.each(Object.entries(bodies))('%s is answered 401 like any forgery, and in time', async (_, body) => {
    const { forge } = developing()
    await forge('{"warm":"up"}')
    const before = process.threadCpuUsage()
    expect(await forge(body)).toMatchObject({ status: 401, body: '{"error":"invalid_signature"}' })
    expect(cpuMsSince(before)).toBeLessThan(mostCpuMs)
  })

  test('a diagnosis that fails changes nothing of the reply, and the line names the usual causes', async () => {
    const { forge, lines } = developing({
      diagnoseMismatch: () => Promise.reject(new RangeError('no stack')),
    })
    expect(await forge('{}')).toMatchObject({ status: 401 })
    expect(lines).toMatchObject([
      { level: 'warn', details: { fix: expect.stringMatching(/^is the secret/) } },
    ])
  })

  test('a line that is left out costs no diagnosis', async () => {
    const diagnoseMismatch = vi.fn(async () => 'the fix')
    const { forge } = developing({ diagnoseMismatch })
    for (let time = 0; time < 100; time++) await forge('{}')
    expect(diagnoseMismatch).toHaveBeenCalledTimes(10)
  })
})
