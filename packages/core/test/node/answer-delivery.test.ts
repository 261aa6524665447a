import type { IncomingMessage, ServerResponse } from 'node:http'
import { ConfigurationError } from '@hookport/core'
import { answerDelivery, nodeDrain, nodeWebhooks } from '@hookport/core/node'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { recordedLogger } from '@hookport/testkit/logs'
import { describe, expect, test, vi } from 'vitest'
import { sign } from '../support/acme.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'
import { collectUnhandledRejections, rejectionsReported } from '../support/unhandled-rejections.ts'

type Patch = (response: ServerResponse) => void

const toldOf500 = expect.stringContaining('something else has answered 500 before the webhook')

const broken = new Error('the response is broken')

/** What people's middleware does to a response, so that a reply can't be written. */
const breakages: [string, Patch][] = [
  ['end throws', (response) => void Object.assign(response, { end: fail })],
  ['end rejects', (response) => void Object.assign(response, { end: () => Promise.reject(broken) })],
  ['setHeader throws', (response) => void Object.assign(response, { setHeader: fail })],
  ['writeHead throws', (response) => void Object.assign(response, { writeHead: fail })],
]

function fail(): never {
  throw broken
}

/** So that a reply which does not end is not ended by the server, soon. */
const keepsConnections = { keepAliveTimeout: 60_000 }

/** A GET that is answered by a receiver through a response that was patched. */
async function getThrough(patch: Patch, next?: (error: unknown) => void, request: RequestInit = {}) {
  const rejections = collectUnhandledRejections()
  const { logger, lines } = recordedLogger()
  const { receiver } = acmeReceiver({ logger })
  const origin = await serveApp((request, response) => {
    patch(response)
    const handleError = (error: unknown) => {
      response.socket?.destroy()
      next?.(error)
    }
    answerDelivery(receiver, request, response, { fixWhenConsumed: '', next: next && handleError })
  }, keepsConnections)
  const reply = await fetch(origin, request)
    .then(async (response) => {
      await response.text()
      return response.status
    })
    .catch(() => 'closed')
  await rejectionsReported()
  return { reply, rejections, lines }
}

test.each(breakages)(
  'where %s, the error goes to the log, the connection is closed, and nothing is left unhandled',
  async (_, patch) => {
    const { reply, rejections, lines } = await getThrough(patch)
    expect(reply).toBe('closed')
    expect(rejections).toEqual([])
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'error', details: { provider: 'acme', err: broken } }),
    )
  },
)

test.each(breakages)(
  'where %s after the body was read, the connection is closed all the same',
  async (_, patch) => {
    const post = {
      method: 'POST',
      body: '{}',
      headers: { 'x-acme-signature': sign('{}') },
      signal: AbortSignal.timeout(5_000),
    }
    const { reply } = await getThrough(patch, undefined, post)
    expect(reply).toBe('closed')
    expect(post.signal.aborted).toBe(false)
  },
)

test.each(breakages)('where %s and the framework handles errors, it is given this one', async (_, patch) => {
  const next = vi.fn()
  const { rejections, lines } = await getThrough(patch, next)
  expect(next.mock.calls).toEqual([[broken]])
  expect(rejections).toEqual([])
  expect(lines.filter(({ level }) => level === 'error')).toEqual([])
})

test("a platform's own response that can neither be written nor destroyed leaves nothing unhandled", async () => {
  const { receiver, log } = acmeReceiver()
  const given: unknown = [{ method: 'GET', headers: {} }, { setHeader: fail }]
  const [request, response] = given as [IncomingMessage, ServerResponse]
  await answerDelivery(receiver, request, response, { fixWhenConsumed: '' })
  expect(log.lines).toContainEqual(expect.objectContaining({ message: 'a reply could not be written' }))
})

test('what ends a response without a status of its own, before the reply is there, acknowledges nothing, and the log says so', async () => {
  const end: Patch = (response) => queueMicrotask(() => response.end())
  const post = { method: 'POST', body: '{}', headers: { 'x-acme-signature': sign('{}') } }
  const { reply, lines } = await getThrough(end, undefined, post)
  expect(reply).toBe(500)
  await vi.waitFor(() => expect(lines).toContainEqual(expect.objectContaining({ message: toldOf500 })))
})

test('a platform that ends what could not be written acknowledges nothing', async () => {
  const { receiver } = acmeReceiver()
  const response = { statusCode: 200, setHeader: fail, destroy: () => {} }
  const given: unknown = [{ method: 'POST', headers: {} }, response]
  await answerDelivery(receiver, ...(given as [IncomingMessage, ServerResponse]), { fixWhenConsumed: '' })
  expect(response.statusCode).toBe(500)
})

test('a response that takes no status is closed: its sender does not wait for ever', async () => {
  const { receiver } = acmeReceiver()
  const destroy = vi.fn()
  const response = Object.freeze({ statusCode: 200, setHeader: fail, destroy })
  const given: unknown = [{ method: 'POST', headers: {} }, response]
  await answerDelivery(receiver, ...(given as [IncomingMessage, ServerResponse]), { fixWhenConsumed: '' })
  expect(destroy).toHaveBeenCalledOnce()
})

test('an error handling that throws leaves nothing unhandled, and the first error is logged', async () => {
  const { reply, rejections, lines } = await getThrough(
    (response) => Object.assign(response, { end: fail }),
    fail,
  )
  expect([reply, rejections]).toEqual(['closed', []])
  expect(lines).toContainEqual(
    expect.objectContaining({ level: 'error', details: { provider: 'acme', err: broken } }),
  )
})

test('a logger of the request that throws costs no reply', async () => {
  const { receiver } = acmeReceiver()
  const origin = await serveApp((request, response) => {
    const logger = { debug: fail, info: fail, warn: fail, error: fail }
    answerDelivery(receiver, request, response, { fixWhenConsumed: '', logger })
  })
  const { status } = await fetch(origin, { method: 'POST' })
  expect(status).toBe(401)
})

describe('where something else has written the head of the response before', () => {
  const heads: Record<string, [Patch, acknowledges: boolean]> = {
    'writeHead(202)': [(response) => response.writeHead(202), true],
    'a length that it does not keep': [(response) => response.writeHead(202, { 'content-length': 9 }), true],
    'a first piece': [(response) => response.writeHead(202).write('…'), true],
    'flushHeaders()': [(response) => response.flushHeaders(), true],
    'writeHead(503)': [(response) => response.writeHead(503), false],
  }
  const signed = { method: 'POST', body: '{}', headers: { 'x-acme-signature': sign('{}') } }
  const unsigned = { method: 'POST', body: '{}' }

  test.each(Object.entries(heads))('%s: the response ends, and the log says so once', async (_, [patch]) => {
    const { lines } = await getThrough(patch, undefined, signed)
    const told = lines.filter(({ message }) => message.includes('something else has answered'))
    expect(told).toEqual([expect.objectContaining({ level: 'error', details: expectFix })])
  })

  const expectFix = { provider: 'acme', fix: expect.stringContaining('writeHead') }

  test.each(Object.entries(heads))(
    '%s: a refused delivery is not acknowledged',
    async (_, [patch, acknowledges]) => {
      const { reply } = await getThrough(patch, undefined, unsigned)
      expect(reply).toBe(acknowledges ? 'closed' : 503)
    },
  )
})

test('a response that was sent is left as it is', async () => {
  const { receiver } = acmeReceiver()
  const origin = await serveApp((request, response) => {
    response.end('done')
    nodeWebhooks(receiver)(request, response)
  })
  expect(await (await fetch(origin)).text()).toBe('done')
})

test.each([
  [200, 1],
  [503, 0],
])(
  'where something else has sent a %i in place of a refusal, the log says so %i times',
  async (status, times) => {
    const patch: Patch = (response) => response.writeHead(status).end()
    const { reply, lines } = await getThrough(patch, undefined, { method: 'POST', body: '{}' })
    expect(reply).toBe(status)
    const told = lines.filter(
      ({ message }) =>
        message === `something else has answered ${status} before the webhook could answer 401`,
    )
    expect(told).toHaveLength(times)
  },
)

test('a whole response that something else has sent in place of a refusal arrives whole, though most of it is still on its way', async () => {
  const patch: Patch = (response) => response.writeHead(200).end(Buffer.alloc(16 * 1024 * 1024))
  const { reply } = await getThrough(patch, undefined, { method: 'POST', body: '{}' })
  expect(reply).toBe(200)
})

test.each(breakages)(
  'where %s, a drain that is refused leaves nothing unhandled, and its connection is closed',
  async (_, patch) => {
    const rejections = collectUnhandledRejections()
    const { logger, lines } = recordedLogger()
    const { receiver } = acmeReceiver({ logger })
    const route = nodeDrain(receiver.drainRoute({ secret: 'the secret of the cron' }), receiver)
    const origin = await serveApp((request, response) => {
      patch(response)
      void route(request, response)
    }, keepsConnections)
    expect(await fetch(origin).catch(() => 'closed')).toBe('closed')
    await rejectionsReported()
    expect(rejections).toEqual([])
    expect(lines).toContainEqual(expect.objectContaining({ message: 'a reply could not be written' }))
  },
)

describe('a drain', () => {
  const secret = 'the secret of the cron'

  test.each(breakages)(
    'where %s and the framework handles errors, it is given this one',
    async (_, patch) => {
      const { logger, lines } = recordedLogger()
      const { receiver } = acmeReceiver({ logger })
      const route = nodeDrain(receiver.drainRoute({ secret }), receiver)
      const next = vi.fn()
      const origin = await serveApp((request, response) => {
        patch(response)
        void route(request, response, (error) => {
          response.socket?.destroy()
          next(error)
        })
      }, keepsConnections)
      expect(await fetch(origin).catch(() => 'closed')).toBe('closed')
      expect(next.mock.calls).toEqual([[broken]])
      expect(lines.filter(({ level }) => level === 'error')).toEqual([])
    },
  )

  test('that is called with no response of Node rejects, and the log says what to use: another framework would make a 200 of it', async () => {
    const { receiver, log } = acmeReceiver()
    const route = nodeDrain(receiver.drainRoute({ secret }), receiver)
    const given: unknown = [{ method: 'GET', headers: {} }, { send: () => {} }]
    const error = await route(...(given as [IncomingMessage, ServerResponse])).catch((error) => error)
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toContain('@hookport/fastify')
    expect(log.text()).toContain('@hookport/fastify')
  })

  test('and a delivery that are handed to the framework are told to it once, and nothing else is left to catch', async () => {
    const rejections = collectUnhandledRejections()
    const { receiver } = acmeReceiver()
    const given: unknown = [{ method: 'GET', headers: {} }, { send: () => {} }]
    const [request, response] = given as [IncomingMessage, ServerResponse]
    const next = vi.fn()
    await answerDelivery(receiver, request, response, { fixWhenConsumed: '', next })
    expect(next).toHaveBeenCalledTimes(1)
    void nodeDrain(receiver.drainRoute({ secret }), receiver)(request, response)
    await rejectionsReported()
    expect(rejections).toEqual([])
  })
})
