import { createHmac } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { createReceiver, defineProvider, readHexDigest, type SecretOption } from '../../src/index.ts'

const secret = 'the-secret-of-this-test'
const body = Buffer.from('{"id":"evt_1","type":"a","created_at":"2026-11-20T10:00:00Z"}')

/** The fix that is logged when a body arrives with a newline that was not signed. */
async function loggedFix(configured: SecretOption = secret): Promise<unknown> {
  const warn = vi.fn()
  const logger = { debug() {}, info() {}, warn, error() {} }
  const provider = defineProvider({
    name: 'acme',
    secret: configured,
    retryHorizon: 0,
    events: {},
    signatureHeaders: ['x-acme-signature'],
    readSignature: (headers) => {
      const digest = readHexDigest(headers.get('x-acme-signature') ?? '')
      return digest ? { digests: [digest] } : 'missing'
    },
    readEnvelope: () => ({ id: 'evt_1', type: 'a', createdAt: undefined }),
  })
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  const reply = await createReceiver({ provider, logger }).receive({
    method: 'POST',
    url: '/',
    headers: new Headers({ 'x-acme-signature': signature }),
    readBody: () => Buffer.concat([body, Buffer.from('\n')]),
  })
  expect(reply).toMatchObject({ status: 401, body: '{"error":"invalid_signature"}' })
  const line = warn.mock.calls.find(([, message]) => String(message).startsWith('delivery refused'))
  return line?.[0].fix
}

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

test.each<[string, SecretOption]>([
  ['one secret', secret],
  ['several, of which any may match', ['the-secret-that-comes-next', secret]],
])(
  'in development the log says why a signature does not match under %s, and never the secret',
  async (_, configured) => {
    vi.stubEnv('NODE_ENV', 'development')
    vi.spyOn(process, 'cpuUsage').mockReturnValue({ user: 0, system: 0 }) // of all threads: other tests may use up the diagnosis' time
    const fix = await loggedFix(configured)
    expect(fix).toMatch(/newline/i)
    expect(fix).not.toContain(secret)
  },
)

test('outside of development nothing is spent on it, and the log names the usual causes', async () => {
  vi.stubEnv('NODE_ENV', 'production')
  expect(await loggedFix()).toMatch(/@hookport\/cli doctor/)
})
