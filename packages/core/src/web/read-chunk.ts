import { chunkBytes } from '../accept/request/chunk-bytes.ts'
import { Refusal } from '../contracts/errors.ts'

type Reader = ReadableStreamDefaultReader<unknown>

/** Reads a body piece by piece. Once it is let go, what waits for a piece ends, also where the platform's own reader does not: that of @whatwg-node. */
export class ChunkReader {
  readonly #reader: Reader
  #stopWaiting: (() => void) | undefined

  constructor(stream: ReadableStream<unknown>) {
    this.#reader = stream.getReader()
  }

  /** The next bytes; undefined at the end. Rejects once the body was let go. */
  next(): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      this.#stopWaiting = () => reject(brokenOff(undefined))
      readChunk(this.#reader).then(resolve, reject)
    })
  }

  letGo(): void {
    letGo(this.#reader)
    this.#stopWaiting?.()
  }
}

async function readChunk(reader: Reader): Promise<Uint8Array | undefined> {
  let chunk: unknown
  try {
    chunk = (await reader.read()).value
  } catch (cause) {
    throw brokenOff(cause)
  }
  return chunk === undefined ? undefined : chunkBytes(chunk)
}

/** Why a body broke off. Platforms have it end with an error of status 413 where it exceeds a limit of theirs. */
export function brokenOff(cause: unknown): Refusal {
  const { status, statusCode = status } = (cause ?? {}) as { status?: unknown; statusCode?: unknown }
  if (statusCode === 413)
    return new Refusal('payload_too_large', 'the body exceeds a limit of the platform', {
      fix: 'raise that limit to maxBodyBytes: BODY_SIZE_LIMIT of SvelteKit, maxRequestBodySize of h3',
      cause,
    })
  return new Refusal('request_aborted', 'the sender hung up before its body was complete', { cause })
}

/**
 * Leaves the rest of the body to the platform, which closes the connection. The stream is not cancelled: SvelteKit then destroys the request, so that
 * its reply is lost, and h3 1 throws where nobody can catch it when more arrives.
 */
export function letGo(reader: Reader): void {
  try {
    reader.releaseLock()
  } catch {
    reader.cancel().catch(() => {}) // a platform where a reader can't be released while it waits
  }
}

/** @param fix which line of the application to change, and how. */
export function consumed(fix: string): Refusal {
  return new Refusal('misconfigured', 'the body was read before hookport could, and its bytes are gone', {
    fix,
  })
}

/** For a request that announces a body, and was made without one. */
export function withheld(): Refusal {
  const fix = 'SvelteKit passes on none without a content type'
  return new Refusal('misconfigured', 'the platform passes on no body', { fix })
}
