import { defaultMaxBytesInFlight } from '../contracts/delivery.ts'
import { consumed } from './consumed.ts'
import { hungUp, notOfBytes } from './read-chunk.ts'

/** Bodies that announce more than this are read piece by piece. */
const smallBytes = 64 * 1024

/**
 * Memory for each byte of a body that comes in pieces of one byte, and that the platform reads in one go: it keeps the pieces until the end.
 * Measured on Node 24 with @hono/node-server 2: 127 bytes of heap and 363 of the process.
 */
const mostMemoryPerByte = 400

/** The most that the small bodies of this process may take up that are being read now. One count for a second copy of core too. */
interface BeingRead {
  memory: number
}
const shared = globalThis as { [key: symbol]: BeingRead | undefined }
const key = Symbol.for('hookport.small-bodies.1')
const beingRead: BeingRead = shared[key] ?? { memory: 0 }
shared[key] = beingRead

/**
 * Reads a body in one go that announces its length, of at most 64 KiB: platforms do that at a third of the cost of a stream. It can't be let
 * go early: where its time is up, the platform ends it as it closes the connection.
 *
 * @param maxBytesInFlight of all bodies that are being read in this process. Those read in one go take up half of it at most, in memory and
 *   at their worst: by its default, 64 MiB, some 80 KB of them at once.
 * @returns undefined for a body that has to be read piece by piece.
 */
export function readSmallBody(
  request: Request,
  fixWhenConsumed: string,
  maxBytes: number,
  maxBytesInFlight: number = defaultMaxBytesInFlight,
): Promise<Uint8Array> | undefined {
  const announced = request.headers.get('content-length')
  const bytes = announced === null ? Number.NaN : Number(announced)
  const isSmall = bytes > 0 && bytes <= Math.min(smallBytes, maxBytes)
  const memory = bytes * mostMemoryPerByte
  if (!isSmall || beingRead.memory + memory > maxBytesInFlight / 2) return undefined
  return readWhole(request, memory, fixWhenConsumed)
}

async function readWhole(request: Request, memory: number, fixWhenConsumed: string): Promise<Uint8Array> {
  beingRead.memory += memory
  try {
    return new Uint8Array(await arrayBufferOf(request, fixWhenConsumed))
  } finally {
    beingRead.memory -= memory
  }
}

async function arrayBufferOf(request: Request, fixWhenConsumed: string): Promise<ArrayBuffer> {
  try {
    return await request.arrayBuffer()
  } catch (cause) {
    if (isOfOtherReader(cause)) throw consumed(fixWhenConsumed)
    if (isOfOtherChunks(cause)) throw notOfBytes('something else')
    throw hungUp(cause)
  }
}

/** How undici, Deno, Bun and workerd say that a body was read, or is held by another reader. */
function isOfOtherReader(cause: unknown): boolean {
  return cause instanceof TypeError && /unusable|already|locked|disturbed/i.test(cause.message)
}

function isOfOtherChunks(cause: unknown): boolean {
  return cause instanceof TypeError && /chunk|Uint8Array/i.test(cause.message)
}
