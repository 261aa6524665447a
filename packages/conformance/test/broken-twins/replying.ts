import { type Logger, Refusal, type Reply } from '@hookport/core'
import { writeReply } from '@hookport/core/node'
import { type Answer, answerWell, answerWith, type BrokenTwin, deliveryOf, writeWell } from './broken-twin.ts'

const received: Reply = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: '{"received":true}',
}

/** Flaws in what is answered, and to what. */
export const replyingTwins: BrokenTwin[] = [
  {
    name: 'answers 200 when a handler failed',
    caughtBy: ['H402'],
    answer: replying((reply) => (reply.body.includes('handler_failed') ? received : reply)),
  },
  {
    name: 'leaks the reason in the body',
    caughtBy: ['H730', 'H731', 'H750'],
    answer: replying((reply, reason) => (reply.status === 400 ? withBody(reply, { error: reason }) : reply)),
  },
  {
    name: 'leaks the reason in a header',
    caughtBy: ['H750'],
    answer: replying((reply, reason) => ({
      ...reply,
      headers: { ...reply.headers, ...(reason && { 'X-Reason': reason }) },
    })),
  },
  {
    name: 'does not say when to come again',
    caughtBy: ['H301', 'H302', 'H304', 'H502'],
    answer: replying(({ headers: { 'retry-after': _, ...headers }, ...reply }) => ({ ...reply, headers })),
  },
  {
    name: 'does not say which method it allows',
    caughtBy: ['H701', 'H702', 'H703', 'H704', 'H705', 'H706'],
    answer: replying(({ headers: { allow: _, ...headers }, ...reply }) => ({ ...reply, headers })),
  },
  {
    name: 'writes on after a refusal',
    caughtBy: ['H803', 'H805'],
    async answer(request, response, receiver, path) {
      await answerWell(request, response, receiver, path)
      const staysOpen = request.headers.connection === 'keep-alive'
      if (staysOpen && response.statusCode !== 200) request.socket.write('and another thing')
    },
  },
  {
    name: 'keeps the connection of a body that is too large',
    caughtBy: ['H805', 'H806'],
    answer: replying(({ headers: { connection: _, ...headers }, ...reply }) => ({ ...reply, headers })),
  },
  {
    name: 'closes the connection of a body that is too large while it comes',
    caughtBy: ['H805'],
    async answer(request, response, receiver, path) {
      const { destroySoon } = request.socket
      response.once('prefinish', () => {
        request.socket.destroySoon = destroySoon
      })
      await answerWell(request, response, receiver, path)
    },
  },
  {
    name: 'keeps the connection of what it refuses by its head',
    caughtBy: ['H806'],
    answer: answerWith(() => ({ discardRest: () => false })),
  },
  {
    name: 'closes the connection of whatever it refuses',
    caughtBy: ['H807'],
    answer: replying((reply) =>
      reply.status === 200 ? reply : { ...reply, headers: { ...reply.headers, connection: 'close' } },
    ),
  },
  {
    name: 'leaves a head that something else has written to its fate',
    caughtBy: ['H808'],
    async answer(request, response, receiver) {
      writeReply(response, await receiver.receive(deliveryOf(request)))
    },
  },
  {
    name: 'acknowledges what it refuses with a head that something else has written',
    caughtBy: ['H808'],
    async answer(request, response, receiver) {
      const reply = await receiver.receive(deliveryOf(request))
      if (response.headersSent) response.end()
      else writeReply(response, reply)
    },
  },
  {
    name: 'chains the calls of a response',
    caughtBy: ['H804', 'H808'],
    async answer(request, response, receiver) {
      const { status, headers, body } = await receiver.receive(deliveryOf(request))
      try {
        response.writeHead(status, headers).end(body)
      } catch {
        request.destroy()
      }
    },
  },
  {
    name: 'wants application/json',
    caughtBy: ['H610', 'H611', 'H612', 'H613', 'H614', 'H615'],
    answer: answerWith(({ headers, readBody }) => ({
      readBody(maxBytes) {
        if (headers.get('content-type') === 'application/json') return readBody(maxBytes)
        throw new Refusal('unsupported_encoding', 'not JSON')
      },
    })),
  },
  {
    name: 'knows only its exact URL',
    caughtBy: ['H712', 'H713'],
    async answer(request, response, receiver, path) {
      if (request.url !== path) response.writeHead(404).end()
      else await answerWell(request, response, receiver, path)
    },
  },
  {
    name: 'turns unknown types away',
    caughtBy: ['H305', 'H601'],
    twist: {
      provider: (provider) => ({
        ...provider,
        readEnvelope(payload, headers) {
          const envelope = provider.readEnvelope(payload, headers)
          if (provider.events.has(envelope.type)) return envelope
          throw new Refusal('invalid_payload', 'an unknown type')
        },
      }),
    },
  },
]

function withBody({ status, headers }: Reply, value: unknown): Reply {
  const body = JSON.stringify(value)
  return { status, headers: { ...headers, 'content-length': String(body.length) }, body }
}

/** An adapter that changes replies, and knows the reasons of refusals. */
function replying(change: (reply: Reply, reason: string | undefined) => Reply): Answer {
  return async (request, response, receiver) => {
    let reason: string | undefined
    const keep = (_details: object, message: string) => {
      reason = message
    }
    const logger: Logger = { debug: keep, info: keep, warn: keep, error: keep }
    writeWell(response, change(await receiver.receive(deliveryOf(request, { logger })), reason))
  }
}
