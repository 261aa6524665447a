import { createHmac } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { createReceiver, defineProvider, readHexDigest, type SecretOption } from '../../src/index.ts'

const secret = 'the-secret-of-this-test'
const body = Buffer.from('{"id":"evt_1","type":"a","created_at":"2026-11-20T10:00:00Z"}')

/** What a sender has signed before the body, and what of it is known here. */
interface Sent {
  readonly sent: Uint8Array
  readonly signedUrl?: string
  readonly configuredUrl?: string
  readonly url?: string
}

const withNewline: Sent = { sent: Buffer.concat([body, Buffer.from('\n')]) }

/** The fix that is logged when a delivery arrives that is not what was signed: by default, its body has one newline more. */
async function loggedFix(
  configured: SecretOption = secret,
  { sent, signedUrl = '', configuredUrl = '', url = '/' }: Sent = withNewline,
): Promise<unknown> {
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
      return digest ? { digests: [digest], signedPrefix: configuredUrl } : 'missing'
    },
    readEnvelope: () => ({ id: 'evt_1', type: 'a', createdAt: undefined }),
  })
  const signature = createHmac('sha256', secret).update(signedUrl).update(body).digest('hex')
  const reply = await createReceiver({ provider, logger }).receive({
    method: 'POST',
    url,
    headers: new Headers({ 'x-acme-signature': signature }),
    readBody: () => sent,
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

test('in development the log names the URL that the sender has signed, where that has the path of the request', async () => {
  vi.stubEnv('NODE_ENV', 'development')
  vi.spyOn(process, 'cpuUsage').mockReturnValue({ user: 0, system: 0 })
  const signedUrl = 'https://example.com/behind/acme'
  const configuredUrl = 'https://example.com/hooks/acme'
  const fix = await loggedFix(secret, { sent: body, signedUrl, configuredUrl, url: '/behind/acme?tenant=1' })
  expect(fix).toContain(signedUrl)
})

test('outside of development nothing is spent on it, and the log names the usual causes', async () => {
  vi.stubEnv('NODE_ENV', 'production')
  expect(await loggedFix()).toMatch(/@hookport\/cli doctor/)
})
