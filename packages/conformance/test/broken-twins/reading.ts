import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { Refusal } from '@hookport/core'
import { answerWell, answerWith, type BrokenTwin, deliveryOf, writeWell } from './broken-twin.ts'

const maxBodyBytes = 16 * 1024

/** Flaws in how a body is read. */
export const readingTwins: BrokenTwin[] = [
  {
    name: 'decodes to text before it verifies',
    caughtBy: ['H132', 'H313'],
    answer: answerWith(({ readBody }) => ({
      readBody: async (maxBytes) => Buffer.from(Buffer.from(await readBody(maxBytes)).toString('utf8')),
    })),
  },
  {
    name: 'decodes to text piece by piece',
    caughtBy: ['H112', 'H132', 'H313', 'H504', 'H505', 'H714', 'H717'],
    maybeCaughtBy: ['H113'],
    answer: answerWith((_, request) => ({
      async readBody() {
        let text = ''
        for await (const chunk of request) text += chunk
        return Buffer.from(text)
      },
    })),
  },
  {
    name: 'takes UTF-8 for Latin-1',
    caughtBy: ['H106', 'H112', 'H113', 'H207', 'H313', 'H717', 'H740', 'H741'],
    answer: answerWith(({ readBody }) => ({
      readBody: async (maxBytes) => Buffer.from(Buffer.from(await readBody(maxBytes)).toString('latin1')),
    })),
  },
  {
    name: 're-serialises what it parsed',
    caughtBy: 'H102 H103 H104 H105 H107 H108 H109 H110 H131 H132 H133 H313 H717 H740 H741'.split(' '),
    answer: answerWith(({ readBody }) => ({
      readBody: async (maxBytes) => reserialised(await readBody(maxBytes)),
    })),
  },
  {
    name: 'reads all of a body before it looks at its size',
    caughtBy: ['H504', 'H505', 'H714', 'H717'],
    answer: answerWith((_, request) => ({ readBody: () => buffer(request) })),
  },
  {
    name: 'reads the body before it looks at the head',
    caughtBy: ['H503'],
    async answer(request, response, receiver) {
      const delivery = deliveryOf(request)
      const body = (async () => delivery.readBody(maxBodyBytes))()
      await body.catch(() => {})
      writeWell(response, await receiver.receive({ ...delivery, readBody: () => body }))
    },
  },
  {
    name: 'believes Content-Length',
    caughtBy: ['H505', 'H743', 'H805'],
    twist: { options: { maxBodyBytes: 10 * maxBodyBytes } },
    answer: answerWith(({ readBody }, { headers }) => ({
      readBody: (maxBytes) => readBody(Number(headers['content-length']) > maxBodyBytes ? 0 : maxBytes),
    })),
  },
  {
    name: 'counts characters',
    caughtBy: ['H504', 'H505', 'H742', 'H743', 'H805'],
    twist: { options: { maxBodyBytes: maxBodyBytes + 1 } },
    answer: answerWith(({ readBody }) => ({
      async readBody(maxBytes) {
        const body = await readBody(maxBytes)
        return Buffer.from(body).toString('utf8').length > maxBodyBytes ? readBody(0) : body
      },
    })),
  },
  {
    name: 'has room for one byte less than it says',
    caughtBy: ['H740', 'H741'],
    twist: { options: { maxBodyBytes: maxBodyBytes - 1 } },
  },
  {
    name: 'does not outlive a sender that hangs up',
    caughtBy: ['H802', 'H803', 'H804', 'H805', 'H806', 'H807', 'H808'],
    async answer(request, response, receiver, path) {
      const { socket } = request
      request.once('error', () =>
        (socket as unknown as { server: import('node:http').Server }).server.close(),
      )
      await answerWell(request, response, receiver, path)
    },
  },
  {
    name: 'has every body of the application left unparsed',
    caughtBy: ['H801'],
    parseJson: (body) => body.toString(),
  },
  {
    name: 'inflates, or would',
    caughtBy: ['H710', 'H806', 'H807'],
    answer: answerWith(({ headers }) => ({
      headers: { get: (name) => (name === 'content-encoding' ? undefined : headers.get(name)) },
    })),
  },
  {
    name: 'takes identity for an encoding',
    caughtBy: ['H711'],
    answer: answerWith(({ headers }) => ({
      headers: { get: (name) => headers.get(name)?.replace(/^identity$/, 'gzip') },
    })),
  },
  {
    name: 'takes a charset for a compression',
    caughtBy: ['H715'],
    answer: answerWith(({ headers }) => ({
      headers: { get: (name) => headers.get(name)?.replace(/^utf-8$/i, 'gzip') },
    })),
  },
  {
    name: 'waits for a body that was paused',
    caughtBy: ['H716'],
    answer: answerWith(({ readBody }, request) => ({
      readBody: (maxBytes) => (isOnlyPaused(request) ? new Promise(() => {}) : readBody(maxBytes)),
    })),
  },
  {
    name: 'waits for a body that another reader holds',
    caughtBy: ['H718'],
    answer: answerWith(({ readBody }, request) => {
      const isHeld = request.listenerCount('readable') > 0 && !request.readableDidRead
      return { readBody: (maxBytes) => (isHeld ? new Promise(() => {}) : readBody(maxBytes)) }
    }),
  },
  {
    name: 'takes a body that was looked at for one that is gone',
    caughtBy: ['H719'],
    answer: answerWith(({ readBody }, request) => ({
      readBody(maxBytes) {
        if (request.readableDidRead && !request.readableEnded) throw new Refusal('misconfigured', 'gone')
        return readBody(maxBytes)
      },
    })),
  },
  {
    name: 'does not notice that the body was read before',
    caughtBy: ['H714', 'H717', 'H719'],
    answer: answerWith((_, request) => (request.readableDidRead ? { readBody: () => new Uint8Array() } : {})),
  },
]

function isOnlyPaused(request: IncomingMessage): boolean {
  return request.isPaused() && !request.readableDidRead && request.listenerCount('readable') === 0
}

function reserialised(body: Uint8Array): Uint8Array {
  try {
    return Buffer.from(JSON.stringify(JSON.parse(Buffer.from(body).toString('utf8'))))
  } catch {
    return body
  }
}
