import { createReceiver } from '@hookport/core'
import { sematryx } from '@hookport/providers/sematryx'
import { registerWebhook } from '@hookport/providers/sematryx-api'
import { startEmulator } from '@hookport/sender'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { describe, expect, onTestFinished, test } from 'vitest'

const secret = 'your-webhook-secret'
const receiverUrl = 'http://127.0.0.1:9/hook' // nothing listens there

async function emulatorWith(options: Parameters<typeof startEmulator>[0] = {}) {
  const emulator = await startEmulator({ timeScale: 0, ...options })
  onTestFinished(() => emulator.close())
  return emulator
}

/** An API that answers everything alike. */
function apiThatAnswers(status: number, body: string, headers: Record<string, string> = {}) {
  return serveApp((_request, response) => response.writeHead(status, headers).end(body))
}

describe('Sematryx', () => {
  test('an application registers exactly the event types that it has handlers for', async () => {
    const emulator = await emulatorWith()
    const receiver = createReceiver({ logger: false, provider: sematryx({ secret }), consume: false })
    receiver.onEvent(['optimization.completed', 'optimization.failed'], () => {})
    const webhook = await registerWebhook({
      apiKey: 'key',
      baseUrl: emulator.url,
      url: receiverUrl,
      events: receiver.eventTypes,
      secret,
    })
    expect(webhook).toEqual({
      id: expect.stringMatching(/^wh_/),
      url: receiverUrl,
      events: ['optimization.completed', 'optimization.failed'],
      active: true,
    })
    expect(emulator.emit('sematryx', 'optimization.completed')).toHaveLength(1)
    expect(emulator.emit('sematryx', 'strategy.changed')).toHaveLength(0)
  })

  test('a webhook that is registered inactive gets nothing', async () => {
    const emulator = await emulatorWith()
    const events = ['context.updated']
    await registerWebhook({ apiKey: 'key', baseUrl: emulator.url, url: receiverUrl, events, active: false })
    expect(emulator.emit('sematryx', 'context.updated')).toEqual([])
  })

  test('http to a host that is not loopback is refused: invalid, with the reason', async () => {
    const { url: baseUrl } = await emulatorWith()
    const registering = registerWebhook({
      apiKey: 'key',
      baseUrl,
      url: 'http://example.test/hook',
      events: ['context.updated'],
    })
    await expect(registering).rejects.toMatchObject({
      name: 'ManagementError',
      code: 'invalid',
      status: 422,
      message: expect.stringContaining('url must be https'),
    })
  })

  test('an event type that Sematryx does not have is refused', async () => {
    const { url: baseUrl } = await emulatorWith()
    const registering = registerWebhook({ apiKey: 'key', baseUrl, url: receiverUrl, events: ['no.such'] })
    await expect(registering).rejects.toMatchObject({ code: 'invalid', status: 422 })
  })

  test('what cannot work is an error before anything is sent', async () => {
    const options = { baseUrl: 'http://127.0.0.1:9', url: receiverUrl, events: ['context.updated'] }
    const misconfigured = { code: 'invalid_option' }
    await expect(registerWebhook({ ...options, apiKey: undefined })).rejects.toMatchObject(misconfigured)
    await expect(registerWebhook({ ...options, apiKey: 'k', events: [] })).rejects.toMatchObject(
      misconfigured,
    )
    const unlisted = { ...options, apiKey: 'k', events: undefined as never }
    await expect(registerWebhook(unlisted)).rejects.toThrow('events must be a list of event types')
    await expect(registerWebhook({ ...options, apiKey: 'k', secret: '' })).rejects.toMatchObject(
      misconfigured,
    )
  })
})

describe('errors say what to do', () => {
  const options = { url: receiverUrl, events: ['context.updated'], apiKey: 'very-secret-key' }

  test('an API key that is not known: unauthorized, and the key is not in the message', async () => {
    const { url: baseUrl } = await emulatorWith({ apiKeys: ['another'] })
    const error = await registerWebhook({ ...options, baseUrl }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'unauthorized', status: 401 })
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('very-secret-key')
  })

  test.each([
    [403, 'unauthorized'],
    [409, 'invalid'],
    [418, 'unexpected'],
    [429, 'unavailable'],
    [503, 'unavailable'],
  ])('status %d: %s', async (status, code) => {
    const baseUrl = await apiThatAnswers(status, 'reason')
    await expect(registerWebhook({ ...options, baseUrl })).rejects.toMatchObject({
      code,
      status,
      message: expect.stringContaining('reason'),
    })
  })

  test('a redirect is not followed: the key stays here', async () => {
    const elsewhere = await apiThatAnswers(200, '{"id":"wh_1"}')
    const baseUrl = await apiThatAnswers(307, '', { location: elsewhere })
    await expect(registerWebhook({ ...options, baseUrl })).rejects.toMatchObject({
      code: 'unexpected',
      status: 307,
      message: expect.stringContaining(`307 to ${elsewhere}`),
    })
  })

  test.each([
    ['apiKey', { apiKey: 'key\nof a file' }],
    ['apiKey', { apiKey: 'key ' }],
    ['apiKey', { apiKey: 'schlüßel…' }],
    ['apiKey', { apiKey: 7 }],
    ['baseUrl', { baseUrl: 'api.example.com' }],
    ['baseUrl', { baseUrl: '' }],
    ['baseUrl', { baseUrl: null }],
  ])(
    'what no request can be made of is told as such, and not as an API that does not answer: %s %j',
    async (option, wrong) => {
      const baseUrl = await apiThatAnswers(200, '{"id":"wh_1"}')
      const error = await registerWebhook({ ...options, baseUrl, ...(wrong as object) }).catch(
        (e: unknown) => e,
      )
      expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringMatching(`^${option} `) })
    },
  )

  test('no connection: unavailable', async () => {
    const registering = registerWebhook({ ...options, baseUrl: 'http://127.0.0.1:9' })
    await expect(registering).rejects.toMatchObject({ code: 'unavailable', status: undefined })
  })

  test.each(['<html>', '[]', '{}'])('a 200 that is not the answer: unexpected (%s)', async (body) => {
    const baseUrl = await apiThatAnswers(200, body)
    await expect(registerWebhook({ ...options, baseUrl })).rejects.toMatchObject({ code: 'unexpected' })
  })

  test('an abort is the caller’s own reason', async () => {
    const { url: baseUrl } = await emulatorWith()
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(registerWebhook({ ...options, baseUrl, signal })).rejects.toThrow('enough')
  })
})
