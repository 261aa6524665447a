import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type EmulatorOptions, startEmulator } from '../src/index.ts'
import { fakeClock } from './fake-clock.ts'
import { answerWith, startReceiver } from './start-receiver.ts'

const nobody = 'http://127.0.0.1:9/hook'
const key = { authorization: 'Bearer ok_live_1' }

async function start(options: EmulatorOptions = {}) {
  const emulator = await startEmulator({ clock: fakeClock(), ...options })
  onTestFinished(() => emulator.close())

  async function ask(at: string, body?: unknown, headers: Record<string, string> = key) {
    const [method = 'GET', path = '/'] = at.split(' ')
    const response = await fetch(emulator.url + path, {
      method,
      headers,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }
  return { emulator, ask }
}

const webhook = { url: nobody, events: ['context.updated'], secret: 's' }
const trigger = {
  name: 'n',
  document_id: 'd',
  version_id: 'v',
  webhook_url: nobody,
  webhook_secret: 'whsec_1',
}

describe('Sematryx: registration', () => {
  test('answers the webhook, without its secret', async () => {
    const { ask } = await start()
    expect(await ask('POST /v1/webhooks', webhook)).toEqual({
      status: 201,
      body: { id: expect.stringMatching(/^wh_/), url: nobody, events: webhook.events, active: true },
    })
  })

  test.each([
    ['no bearer', undefined],
    ['another scheme', 'Basic b2s6'],
    ['an empty bearer', 'Bearer '],
  ])('%s: 401', async (_, authorization) => {
    const { ask, emulator } = await start()
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
    expect(await ask('POST /v1/webhooks', webhook, headers)).toMatchObject({ status: 401 })
    expect(emulator.emit('sematryx', 'context.updated')).toEqual([])
  })

  test.each([
    ['url', { url: undefined }],
    ['url', { url: 7 }],
    ['url', { url: 'not a url' }],
    ['url', { url: 'http://example.test/hook' }],
    ['events', { events: undefined }],
    ['events', { events: [] }],
    ['events', { events: 'context.updated' }],
    ['events', { events: ['no.such.type'] }],
    ['secret', { secret: '' }],
    ['secret', { secret: 5 }],
    ['active', { active: 'yes' }],
  ])('%s is refused: %o', async (field, change) => {
    const { ask } = await start()
    expect(await ask('POST /v1/webhooks', { ...webhook, ...change })).toMatchObject({
      status: 422,
      body: { error: { field, message: expect.any(String) } },
    })
  })

  test.each(['{ not json', '[]', '"text"'])('a body that is no JSON object: 400 (%s)', async (body) => {
    const { ask } = await start()
    expect(await ask('POST /v1/webhooks', body)).toMatchObject({ status: 400 })
  })

  test('https is taken', async () => {
    const { ask } = await start()
    expect(await ask('POST /v1/webhooks', { ...webhook, url: 'https://example.test/hook' })).toMatchObject({
      status: 201,
    })
  })
})

describe('deliveries', () => {
  test('go only to active registrations that asked for the type', async () => {
    const { ask, emulator } = await start()
    const { body: wanted } = await ask('POST /v1/webhooks', webhook)
    await ask('POST /v1/webhooks', { ...webhook, events: ['strategy.changed'] })
    await ask('POST /v1/webhooks', { ...webhook, active: false })
    await ask('POST /api/v2/triggers/', trigger)
    const made = emulator.emit('sematryx', 'context.updated')
    expect(made.map(({ registrationId }) => registrationId)).toEqual([wanted.id])
  })

  test('JAOT: events of the organization go to all triggers that are enabled, named as theirs', async () => {
    const { ask, emulator } = await start()
    const { body: one } = await ask('POST /api/v2/triggers/', trigger)
    const { body: other } = await ask('POST /api/v2/triggers/', trigger)
    const { body: stopped } = await ask('POST /api/v2/triggers/', trigger)
    await ask(`POST /api/v2/triggers/${stopped.id}/toggle`, { enabled: false })
    const made = emulator.emit('jaot', 'trigger.schedule.auto_disabled')
    expect(made.map(({ request }) => JSON.parse(String(request.body)).data.trigger_id)).toEqual([
      one.id,
      other.id,
    ])
    expect(emulator.emit('jaot', 'credits.low', { triggerId: other.id })).toHaveLength(1)
  })

  test('are retried by the schedule, marked failed, and listed with attempts and responses', async () => {
    const receiver = await startReceiver(answerWith(503, {}, 'away'))
    const { ask, emulator } = await start()
    await ask('POST /v1/webhooks', { ...webhook, url: receiver.url })
    const made = await ask('POST /emulator/events', { provider: 'sematryx', type: 'context.updated' })
    await emulator.settled()
    const [{ id }] = made.body.deliveries
    const { body } = await ask(`GET /emulator/deliveries/${id}`)
    expect(body).toMatchObject({ id, state: 'failed', type: 'context.updated', url: receiver.url })
    expect(body.attempts.map(({ at }: { at: number }) => at)).toEqual([
      0, 1_000, 61_000, 361_000, 3_961_000, 90_361_000,
    ])
    expect(body.attempts[5]).toMatchObject({ status: 503, responseBody: 'away' })
    expect(body.request.body).toBe(receiver.received[0]?.body)
    expect(new Set(receiver.received.map(({ body: sent }) => sent)).size).toBe(1)
  })

  test('can be filtered', async () => {
    const { ask, emulator } = await start()
    await ask('POST /v1/webhooks', { ...webhook, events: ['context.updated', 'strategy.changed'] })
    emulator.emit('sematryx', 'context.updated')
    emulator.emit('sematryx', 'strategy.changed')
    await emulator.settled()
    const listed = async (query: string) =>
      (await ask(`GET /emulator/deliveries?${query}`)).body.deliveries.map(
        ({ type }: { type: string }) => type,
      )
    expect(await listed('')).toEqual(['context.updated', 'strategy.changed'])
    expect(await listed('type=strategy.changed&state=failed')).toEqual(['strategy.changed'])
    expect(await listed('state=delivered')).toEqual([])
    expect(await listed('provider=jaot')).toEqual([])
  })

  test('are sent again by hand: the same bytes, one attempt, and the mark changes', async () => {
    let status = 500
    const receiver = await startReceiver((response) => answerWith(status)(response))
    const { ask, emulator } = await start()
    await ask('POST /v1/webhooks', { ...webhook, url: receiver.url })
    const [delivery] = emulator.emit('sematryx', 'context.updated')
    await emulator.settled()
    expect(delivery).toMatchObject({ state: 'failed' })
    status = 200
    expect(await ask(`POST /emulator/deliveries/${delivery?.id}/resend`)).toMatchObject({ status: 202 })
    await emulator.settled()
    expect(delivery).toMatchObject({ state: 'delivered' })
    expect(delivery?.attempts).toHaveLength(7)
    expect(receiver.received[6]?.body).toBe(receiver.received[0]?.body)
    status = 500
    await ask(`POST /emulator/deliveries/${delivery?.id}/resend`)
    await emulator.settled()
    expect(delivery, 'it tells of the last time that it was sent').toMatchObject({ state: 'failed' })
    expect(delivery?.attempts).toHaveLength(8)
  })

  test('cannot be sent again to a webhook that was removed', async () => {
    const { url } = await startReceiver(answerWith(200))
    const { ask, emulator } = await start()
    const { body: made } = await ask('POST /api/v2/triggers/', { ...trigger, webhook_url: url })
    const [delivery] = emulator.emit('jaot', 'credits.low')
    await emulator.settled()
    await ask(`DELETE /api/v2/triggers/${made.id}`)
    const again = await ask(`POST /emulator/deliveries/${delivery?.id}/resend`)
    expect([again.status, JSON.stringify(again.body)]).toEqual([409, expect.stringContaining('was removed')])
    expect(delivery?.attempts).toHaveLength(1)
  })

  test('cannot be sent again while their own attempts go on', async () => {
    const { ask, emulator } = await start({ clock: stoppedClock })
    await ask('POST /v1/webhooks', webhook)
    const [delivery] = emulator.emit('sematryx', 'context.updated')
    expect(await ask(`POST /emulator/deliveries/${delivery?.id}/resend`)).toMatchObject({ status: 409 })
    expect(await ask('POST /emulator/deliveries/dlv_none/resend')).toMatchObject({ status: 404 })
  })

  test.each([
    ['removed', 'DELETE', '', undefined],
    ['disabled', 'POST', '/toggle', { enabled: false }],
  ])('of a trigger that was %s: no retry comes any more', async (_, method, at, change) => {
    const { ask, emulator } = await start({ clock: stoppedClock })
    const { body } = await ask('POST /api/v2/triggers/', trigger)
    await ask(`POST /api/v2/triggers/${body.id}/fire`, { trigger_secret: body.trigger_secret })
    const [delivery] = emulator.deliveries()
    await expect.poll(() => delivery?.attempts.length).toBe(1)
    await ask(`${method} /api/v2/triggers/${body.id}${at}`, change)
    await emulator.settled()
    expect(delivery).toMatchObject({ state: 'cancelled' })
    expect(delivery?.attempts).toHaveLength(1)
  })

  test('of a webhook without a secret carry no signature', async () => {
    const { ask, emulator } = await start()
    await ask('POST /v1/webhooks', { ...webhook, secret: undefined })
    const [delivery] = emulator.emit('sematryx', 'context.updated')
    expect(delivery?.request.headers).toEqual({ 'Content-Type': 'application/json' })
  })

  test('mischief strikes them, and is told', async () => {
    const receiver = await startReceiver(answerWith(200))
    const { ask, emulator } = await start({ mischief: { missingSignature: 1, concurrentDuplicates: 1 } })
    await ask('POST /v1/webhooks', { ...webhook, url: receiver.url })
    const made = emulator.emit('sematryx', 'context.updated')
    await emulator.settled()
    expect(made.map(({ mischief }) => mischief)).toEqual([
      ['missingSignature'],
      ['missingSignature', 'concurrentDuplicates'],
    ])
    expect(receiver.received).toHaveLength(2)
  })

  test('the same seed gives the same ids and bytes', async () => {
    const bodies = async () => {
      const { ask, emulator } = await start({ seed: 9 })
      const { body } = await ask('POST /api/v2/triggers/', trigger)
      emulator.emit('jaot', 'execution.failed')
      return [body.id, ...emulator.deliveries().map(({ request }) => String(request.body))]
    }
    expect(await bodies()).toEqual(await bodies())
  })
})

/** A wait on it ends only by its signal. */
const stoppedClock = {
  now: () => 0,
  sleep: (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
}

test('registrations are listed without secrets and keys', async () => {
  const { ask } = await start()
  await ask('POST /v1/webhooks', { ...webhook, secret: 'very-secret' })
  const { body } = await ask('GET /emulator/registrations')
  expect(body.registrations).toMatchObject([{ url: nobody, signed: true }])
  expect(JSON.stringify(body)).not.toMatch(/very-secret|ok_live_1/)
})

test('what is not there is 404, another method 405', async () => {
  const { emulator, ask } = await start()
  expect(await ask('GET /v1/nothing')).toMatchObject({ status: 404 })
  const { status, headers } = await fetch(`${emulator.url}/v1/webhooks`)
  expect([status, headers.get('allow')]).toEqual([405, 'POST'])
})

test.each(['//', '//x y', 'http://[', '/%E0%A4%A', '*'])(
  'a request for %s, which is no path of ours, is refused, and ends nothing',
  async (target) => {
    const { emulator, ask } = await start()
    const { port } = new URL(emulator.url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.end(
      `GET ${target.replaceAll(' ', '%20')} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    )
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(await ask('GET /emulator/registrations')).toMatchObject({ status: 200 })
  },
)

test.each([
  [{ timScale: 1 }, 'startEmulator has no option timScale; the options are port, host, '],
  [{ mischief: { tampr: 1 } }, 'mischief has no option tampr'],
  [{ timeScale: Number.NaN }, 'timeScale must be from 0'],
  [{ timeoutMs: -1 }, 'timeoutMs must be from 0'],
  [{ apiKeys: 'ok_live_1' }, 'apiKeys must be a list'],
  [{ host: '' }, 'host is empty, which would be every address of this machine'],
  [{ sematryxRequestsPerMinute: -1 }, 'sematryxRequestsPerMinute must be 0 or more'],
  [{ seed: 1.5 }, 'seed must be a whole number'],
  [{ jaotForm: 'compact' }, 'jaotForm is "compact": expected real, documented'],
])('options that can not work are told at start: %j', async (options, message) => {
  await expect(startEmulator(options as EmulatorOptions)).rejects.toThrow(message)
})

test('a port that is taken is an error', async () => {
  const { emulator } = await start()
  await expect(startEmulator({ port: Number(new URL(emulator.url).port) })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
})

test('close ends what is pending', async () => {
  const emulator = await startEmulator({ clock: stoppedClock })
  await fetch(`${emulator.url}/v1/webhooks`, { method: 'POST', headers: key, body: JSON.stringify(webhook) })
  const [delivery] = emulator.emit('sematryx', 'context.updated')
  await emulator.close()
  expect(delivery).toMatchObject({ state: 'cancelled' })
})

test('nothing is delivered once it is closed', async () => {
  const receiver = await startReceiver(answerWith(503))
  const emulator = await startEmulator({ clock: stoppedClock })
  const body = JSON.stringify({ ...webhook, url: receiver.url })
  await fetch(`${emulator.url}/v1/webhooks`, { method: 'POST', headers: key, body })
  await emulator.close()
  expect(() => emulator.emit('sematryx', 'context.updated')).toThrow('the emulator is closed')
  expect(emulator.deliveries()).toEqual([])
  await emulator.settled()
})

describe('a web page that its visitor has open', () => {
  const happens = JSON.stringify({ provider: 'sematryx', type: 'context.updated' })

  /** As a browser sends it; `fetch` would set `Host` itself. */
  async function askAs(headers: Record<string, string>, options: EmulatorOptions = {}) {
    const { emulator } = await start(options)
    const { hostname, port } = new URL(emulator.url)
    const asked = request({ hostname, port, path: '/emulator/events', method: 'POST', headers })
    const [response] = (await once(asked.end(happens), 'response')) as [IncomingMessage]
    return { status: response.statusCode, error: JSON.parse(await text(response)).error?.message }
  }

  test.each([
    { Host: 'evil.example' },
    { Host: 'evil.example:4010', Origin: 'http://evil.example:4010' },
    { Host: 'localhost.evil.example' },
    { Host: '127.0.0.1.evil.example' },
    { Host: 'a b' },
    { Host: 'localhost:4010', Origin: 'http://evil.example' },
    { Host: 'localhost:4010', Origin: 'http://localhost:3000' },
    { Host: 'localhost:4010', Origin: 'https://localhost:4010' },
    { Host: 'localhost:4010', Origin: 'null' },
  ])('is refused, sending %j', async (headers) => {
    expect(await askAs(headers)).toEqual({ status: 403, error: expect.stringMatching(/Host|web pages/) })
  })

  test.each([
    { Host: 'localhost:4010' },
    { Host: 'LOCALHOST' },
    { Host: '127.0.0.1:4010' },
    { Host: '[::1]:4010' },
    { Host: '192.168.1.7' },
    { Host: 'emulator:4010' },
    { Host: 'host.docker.internal:4010' },
    { Host: 'localhost:4010', Origin: 'http://localhost:4010' },
  ])('anything else on this machine and its networks is served, sending %j', async (headers) => {
    expect(await askAs(headers)).toMatchObject({ status: 202 })
  })
})

test.each([
  [
    'throws',
    () => {
      throw new Error('of a listener')
    },
  ],
  [
    'rejects',
    async () => {
      throw new Error('of a listener')
    },
  ],
])('an onAttempt that %s is a warning, and its delivery goes on', async (_, onAttempt) => {
  const warned = once(process, 'warning')
  const receiver = await startReceiver(answerWith(200))
  const { emulator, ask } = await start({ onAttempt })
  await ask('POST /v1/webhooks', { ...webhook, url: receiver.url })
  emulator.emit('sematryx', 'context.updated')
  expect((await warned)[0]).toMatchObject({ message: expect.stringContaining('of a listener') })
  await expect.poll(() => emulator.deliveries()).toMatchObject([{ state: 'delivered' }])
})

test.each(['trigger.größer → 5', 'context.updated\r\nx-forged: 1'])(
  'an event of the type %j, which no header can hold, is a failed delivery, and the emulator goes on',
  async (type) => {
    const receiver = await startReceiver(answerWith(200))
    const told: unknown[] = []
    const { emulator, ask } = await start({ onAttempt: (_, { error }) => void told.push(error) })
    const { body } = await ask('POST /api/v2/triggers/', { ...trigger, webhook_url: receiver.url })
    expect(await ask('POST /emulator/events', { provider: 'jaot', type })).toMatchObject({ status: 202 })
    await emulator.settled()
    const error = expect.stringContaining('X-Jaot-Event')
    expect(emulator.deliveries()).toMatchObject([{ state: 'failed', attempts: [{ status: null, error }] }])
    expect(told).toEqual([error])
    await ask(`POST /api/v2/triggers/${body.id}/fire`, {}, { authorization: `Bearer ${body.trigger_secret}` })
    await expect.poll(() => emulator.deliveries({ state: 'delivered' })).toHaveLength(1)
  },
)

const broken = () => {
  throw new Error('of losses')
}

test('an answerOf that throws is a 500, and the emulator goes on', async () => {
  let isBroken = true
  const { ask } = await start({ losses: { answerOf: () => (isBroken ? broken() : 'given') } })
  expect(await ask('GET /emulator/registrations')).toMatchObject({
    status: 500,
    body: { error: { message: expect.stringContaining('of losses') } },
  })
  isBroken = false
  expect(await ask('GET /emulator/registrations')).toMatchObject({ status: 200 })
})

test('a fateOf that throws at the end of a run is a warning, and the emulator goes on', async () => {
  const warned = once(process, 'warning')
  const { emulator, ask } = await start({ losses: { runMs: () => 5, fateOf: broken } })
  const { body } = await ask('POST /api/v2/triggers/', trigger)
  await ask(`POST /api/v2/triggers/${body.id}/fire`, {}, { authorization: `Bearer ${body.trigger_secret}` })
  expect((await warned)[0]).toMatchObject({ message: expect.stringContaining('of losses') })
  await emulator.settled()
})

test.each([
  ['deleted', 'DELETE /api/v2/triggers/:id', undefined],
  ['disabled', 'POST /api/v2/triggers/:id/toggle', { enabled: false }],
])('a run that ends after its trigger was %s is reported to nobody', async (_, change, fields) => {
  const { emulator, ask } = await start({ clock: undefined, losses: { runMs: () => 200 } })
  const { body } = await ask('POST /api/v2/triggers/', trigger)
  await ask(`POST /api/v2/triggers/${body.id}/fire`, {}, { authorization: `Bearer ${body.trigger_secret}` })
  await ask(change.replace(':id', body.id), fields)
  await emulator.settled()
  expect(emulator.deliveries()).toEqual([])
})
