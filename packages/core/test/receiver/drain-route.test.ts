import { ConfigurationError, memoryInbox, type Notes } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { describe, expect, test, vi } from 'vitest'
import * as comparing from '../../src/bytes/equal-texts.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'

vi.mock('../../src/bytes/equal-texts.ts', { spy: true })

const secret = 'cron-secret-that-nobody-may-see'
const authorization = `Bearer ${secret}`

function routed(maxMs?: number) {
  const made = acmeReceiver({ consume: false })
  made.receiver.onEvent('order.paid', () => {})
  return { ...made, ask: made.receiver.drainRoute({ secret, ...(maxMs && { maxMs }) }) }
}

describe('the route of a drain', () => {
  test.each(['GET', 'POST'])(
    'by %s with the secret, answers the counts as JSON that no cache keeps',
    async (method) => {
      const { ask, send } = routed()
      await send()
      const { status, headers, body } = await ask({ method, authorization })
      expect(status).toBe(200)
      expect(JSON.parse(body)).toEqual({
        handled: 1,
        failed: 0,
        dead: 0,
        parked: 0,
        unhandled: 0,
        more: false,
      })
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        'content-length': String(body.length),
        'cache-control': 'no-store',
      })
    },
  )

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty header', ''],
    ['no secret', 'Bearer '],
    ['another secret', 'Bearer cron-secret-that-nobody-may-sef'],
    ['a part of it', `Bearer ${secret.slice(0, -1)}`],
    ['more than it', `Bearer ${secret}x`],
    ['it in other letters', `Bearer ${secret.toUpperCase()}`],
    ['another scheme', `Basic ${secret}`],
    ['no scheme', secret],
  ])('answers 401 to %s, handles nothing, and says nothing of why', async (_, given) => {
    const { ask, send, receiver, log } = routed()
    await send()
    const reply = await ask({ method: 'GET', authorization: given })
    expect(reply).toMatchObject({ status: 401, body: '{"error":"unauthorized"}' })
    expect(reply.headers).toEqual({
      'content-type': 'application/json',
      'content-length': '24',
      'cache-control': 'no-store',
    })
    expect(await receiver.inbox.counts()).toMatchObject({ pending: 1 })
    expect(log.at('warn')).toMatchObject([{ details: { fix: expect.stringContaining('Bearer') } }])
    expect(log.text()).not.toContain('that-nobody-may')
  })

  test('takes the name of the scheme in any case', async () => {
    expect(await routed().ask({ method: 'GET', authorization: `bearer ${secret}` })).toMatchObject({
      status: 200,
    })
  })

  test('compares in constant time, wrong and missing secrets too', async () => {
    const { ask } = routed()
    const equalTexts = vi.mocked(comparing.equalTexts)
    equalTexts.mockClear()
    await ask({ method: 'GET', authorization: 'Bearer guess' })
    await ask({ method: 'GET', authorization: undefined })
    await ask({ method: 'GET', authorization })
    expect(equalTexts.mock.calls).toEqual([
      ['guess', secret],
      ['', secret],
      [secret, secret],
    ])
  })

  test('lines about strangers are sampled', async () => {
    const { ask, log } = routed()
    for (let asked = 0; asked < 50; asked++) await ask({ method: 'GET', authorization: 'Bearer guess' })
    expect(log.at('warn').length).toBeLessThanOrEqual(11)
  })

  test.each(['PUT', 'DELETE', 'HEAD', undefined])(
    'answers 405 to %s, and which methods there are',
    async (method) => {
      const reply = await routed().ask({ method, authorization })
      expect(reply).toMatchObject({
        status: 405,
        headers: { allow: 'GET, POST', 'cache-control': 'no-store' },
      })
    },
  )

  test('tells strangers nothing of its methods', async () => {
    expect(await routed().ask({ method: 'PUT', authorization: undefined })).toMatchObject({ status: 401 })
  })

  test('ends after its maxMs', async () => {
    const { ask, send, receiver, clock } = routed(1_000)
    receiver.onEvent(
      'order.cancelled',
      () => new Promise((resolve) => void clock.after(5_000, () => resolve(undefined))),
    )
    await send({ type: 'order.cancelled', data: { reason: 'none' } })
    const reply = ask({ method: 'GET', authorization })
    await clock.advance(1_000)
    await clock.advance(4_000)
    expect(JSON.parse((await reply).body)).toMatchObject({ more: true })
  })

  test('answers 503 once the receiver was stopped, and leaves the connection open', async () => {
    const { ask, receiver } = routed()
    await receiver.stop()
    expect(await ask({ method: 'GET', authorization })).toEqual({
      status: 503,
      body: '{"error":"unavailable"}',
      headers: {
        'content-type': 'application/json',
        'content-length': '23',
        'retry-after': '5',
        'cache-control': 'no-store',
      },
    })
  })

  test('answers 503 where the inbox does not answer, so that the cron is seen to fail, and the log says why', async () => {
    const isAway = async () => {
      throw new Error('no connection')
    }
    const inbox = inboxInFront(memoryInbox(), {
      consume: () => ({ idle: () => new Promise<void>(() => {}), stop: async () => {}, wake: () => {} }),
      counts: isAway,
    })
    const { receiver, clock, log } = acmeReceiver({ inbox, consume: false })
    receiver.onEvent('order.paid', () => {})
    const reply = receiver.drainRoute({ secret, maxMs: 1_000 })({ method: 'GET', authorization })
    await clock.advance(1_000)
    expect(await reply).toMatchObject({ status: 503, body: '{"error":"unavailable"}' })
    expect(log.at('error')).toMatchObject([
      {
        message: 'a drain could do nothing',
        details: { reasons: [{ message: expect.stringContaining('no connection') }] },
      },
    ])
  })

  test('answers 503 where it can not be read what is paused, and the log says why, each time', async () => {
    const inbox = memoryInbox()
    const away = async () => {
      throw new Error('no connection')
    }
    const { receiver, clock, log } = acmeReceiver({
      inbox: inboxInFront(inbox, { notes: { ...inbox.notes, read: away } as Notes, counts: away }),
      consume: false,
    })
    receiver.onEvent('order.paid', () => {})
    const ask = receiver.drainRoute({ secret, maxMs: 1_000 })
    for (const times of [1, 2]) {
      const reply = ask({ method: 'GET', authorization })
      await clock.advance(1_000)
      expect(await reply).toMatchObject({ status: 503 })
      const said = log.at('error').filter(({ message }) => message.includes("can't be asked what is paused"))
      expect(said).toHaveLength(times)
      await clock.advance(60_000)
    }
  })

  test('answers 500 without a handler, and the log says what to do', async () => {
    const { receiver, log } = acmeReceiver({ consume: false })
    const ask = receiver.drainRoute({ secret })
    expect(await ask({ method: 'GET', authorization })).toMatchObject({ status: 500 })
    expect(log.text()).toContain('register handlers')
  })
})

describe('a route of a drain is not made', () => {
  test.each([
    ['missing', undefined],
    ['null', null],
    ['a number', 5],
    ['empty', ''],
    ['white space', ' \n'],
    ['NULs', '\0\0'],
    ['padded', `${secret}\n`],
    ['the word undefined', 'undefined'],
    ['the word null', 'null'],
    ['of characters that no header holds', 'sécret'],
    ['of several lines', 'one\ntwo'],
  ])('where its secret is %s', (_, flawed) => {
    const { receiver } = acmeReceiver()
    const make = () => receiver.drainRoute({ secret: flawed as string })
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(/^drain: /)
    expect(make).not.toThrow(/that-nobody-may/)
  })

  test('where there are no options', () => {
    const { receiver } = acmeReceiver()
    expect(() => receiver.drainRoute(undefined as never)).toThrow('secret is undefined')
  })

  test('where its secret is misspelt, which it names', () => {
    const { receiver } = acmeReceiver()
    expect(() => receiver.drainRoute({ secrte: secret } as never)).toThrow(
      'unknown option drain.secrte; did you mean drain.secret?',
    )
  })

  test('where its maxMs can not work', () => {
    const { receiver } = acmeReceiver()
    expect(() => receiver.drainRoute({ secret, maxMs: 0 })).toThrow('maxMs is 0')
  })
})
