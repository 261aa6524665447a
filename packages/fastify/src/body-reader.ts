import { type Delivery, Refusal } from '@hookport/core'
import { leftBody } from '@hookport/core/node'
import { readRawStream } from '@hookport/core/web'
import type { FastifyRequest } from 'fastify'

/** The stream of a request, or one that a hook has put in its place. */
type Body = FastifyRequest['raw']

/**
 * Reads the body after Fastify's hooks: the stream that they pass on, which the parser of our scope leaves in `request.body`, or what
 * fastify-raw-body has left in `request.rawBody`, if that was read first.
 *
 * @param delivery reads the request's own stream.
 */
export function bodyReader(request: FastifyRequest, delivery: Delivery): Pick<Delivery, 'readBody'> {
  const stream = request.body as Body | null | undefined
  if (typeof stream?.on !== 'function') return delivery
  return {
    readBody(maxBytes, bounds) {
      if (stream.readableDidRead) return leftAtItsEnd()
      if (stream === request.raw) return delivery.readBody(maxBytes, bounds)
      const bytes = ReadableStream.from(bytesOf(stream, request))
      const reading = readRawStream(bytes, maxBytes, bounds?.signal, bounds?.maxBytesInFlight)
      return reading.catch((error) => Promise.reject(whyBroken(error, request)))

      async function leftAtItsEnd(): Promise<Uint8Array> {
        await ended(stream as Body)
        const left = leftBody({ rawBody: (request as { rawBody?: unknown }).rawBody })
        return left === undefined ? delivery.readBody(maxBytes, bounds) : Buffer.from(left)
      }
    },
  }
}

/** Something else may read the stream, if it flows. Resolves once that has read it all, or has stopped. */
function ended(stream: Body): Promise<unknown> | undefined {
  if (stream.readableEnded || stream.destroyed || stream.readableFlowing !== true) return undefined
  return new Promise((resolve) => {
    for (const event of ['end', 'close', 'error', 'pause']) stream.once(event, resolve)
  })
}

/** A stream that a hook passes on may not notice that the sender has hung up. On HTTP/2 it then ends like one that is complete. */
async function* bytesOf(stream: Body, { raw }: FastifyRequest): AsyncGenerator<Uint8Array> {
  raw.once('close', () => raw.aborted && stream.destroy())
  yield* stream
  if (raw.aborted) throw new Refusal('request_aborted', 'the sender hung up')
}

/** If a stream that a hook created breaks off alone, the sender did not hang up, and otherwise nobody would notice. */
function whyBroken(error: unknown, { raw }: FastifyRequest): unknown {
  if (raw.aborted || (error as Refusal).code !== 'request_aborted') return error
  const { cause } = error as Refusal
  return new Refusal('request_aborted', 'the stream that a preParsing hook passed on broke off', {
    cause,
    fix: 'look at what that hook does with the payload: it must pass on what was sent, or not touch this route',
    level: 'warn',
  })
}
