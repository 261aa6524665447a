import { notOfBytes } from '../accept/request/chunk-bytes.ts'
import { ShortLivedSet } from '../collections/short-lived.ts'
import { defaultMaxBytesInFlight, type ReadingBounds } from '../contracts/delivery.ts'
import { brokenOff, consumed } from './read-chunk.ts'

/** Bodies that announce more than this are read piece by piece. */
const smallBytes = 64 * 1024

/**
 * Memory per byte in the worst case: a body that arrives in pieces of one byte and is read in one go. The platform keeps all pieces until the end.
 * Measured on Node 24 with @hono/node-server 2: 127 bytes of heap and 363 of the process.
 */
const mostMemoryPerByte = 400

/** Limit on the memory of all small bodies that this process is reading. A second copy of core counts here too. */
interface BeingRead {
  memory: number
}
const shared = globalThis as { [key: symbol]: BeingRead | undefined }
const key = Symbol.for('hookport.small-bodies.1')
const beingRead: BeingRead = shared[key] ?? { memory: 0 }
shared[key] = beingRead

interface SmallBody {
  readonly memory: number
  readonly signal: AbortSignal | undefined
}

/** Those of this copy, the oldest first. */
const bodies = new ShortLivedSet<SmallBody>()

/**
 * Reads a body that announces its length, at most 64 KiB, in one go. Platforms do that at a third of the cost of a stream. It can't be released
 * early: where its time is over, the platform closes the connection. Most then never end what was asked for.
 *
 * @param bounds of whose `maxBytesInFlight` those read in one go may use at most half, in memory and in the worst case. With the default, 64 MiB,
 * that is about 80 KB of them at once.
 * @returns undefined for a body that has to be read piece by piece.
 */
export function readSmallBody(
  request: Request,
  fixWhenConsumed: string,
  maxBytes: number,
  { signal, maxBytesInFlight = defaultMaxBytesInFlight }: Partial<ReadingBounds> = {},
): Promise<Uint8Array> | undefined {
  const announced = request.headers.get('content-length')
  const bytes = announced === null ? Number.NaN : Number(announced)
  const isSmall = bytes > 0 && bytes <= Math.min(smallBytes, maxBytes)
  const memory = bytes * mostMemoryPerByte
  if (!isSmall || !hasRoom(memory, maxBytesInFlight / 2)) return undefined
  return readWhole(request, { memory, signal }, fixWhenConsumed)
}

/** Makes room where it is short: the oldest whose time is over no longer count. */
function hasRoom(memory: number, most: number): boolean {
  const isShort = () => beingRead.memory + memory > most
  if (!isShort()) return true
  for (const oldest of bodies.items) {
    if (!oldest.signal?.aborted) break
    end(oldest)
    if (!isShort()) return true
  }
  return false
}

/** Also of one that has ended already. */
function end(body: SmallBody): void {
  if (!bodies.items.has(body)) return
  bodies.delete(body)
  beingRead.memory -= body.memory
}

async function readWhole(request: Request, body: SmallBody, fixWhenConsumed: string): Promise<Uint8Array> {
  bodies.add(body)
  beingRead.memory += body.memory
  try {
    return new Uint8Array(await arrayBufferOf(request, fixWhenConsumed))
  } finally {
    end(body)
  }
}

async function arrayBufferOf(request: Request, fixWhenConsumed: string): Promise<ArrayBuffer> {
  try {
    return await request.arrayBuffer()
  } catch (cause) {
    if (isOfOtherReader(cause)) throw consumed(fixWhenConsumed)
    if (isOfOtherChunks(cause)) throw notOfBytes('something else')
    throw brokenOff(cause)
  }
}

/** How undici, Deno, Bun and workerd say that a body was read, or is locked by another reader. */
function isOfOtherReader(cause: unknown): boolean {
  return isTypeError(cause) && /unusable|already|locked|disturbed/i.test(cause.message)
}

function isOfOtherChunks(cause: unknown): boolean {
  return isTypeError(cause) && /chunk|Uint8Array/i.test(cause.message)
}

/** By its name: in a test's sandbox it is of another class. */
function isTypeError(cause: unknown): cause is Error {
  return (cause as Partial<Error> | undefined)?.name === 'TypeError'
}
