import type { ClientRequest } from 'node:http'

/** How a body is written to the socket. */
export interface Pace {
  /** Bytes per piece. Defaults to the whole body. */
  pieceBytes?: number | undefined
  /** The wait between two pieces, in real ms. Defaults to 0. */
  pauseMs?: number | undefined
  /** After this many bytes the connection is cut, though more were announced. Defaults to never. */
  abortAfterBytes?: number | undefined
}

/** Writes the body at its pace. Where the pace asks for it, `abort` is called in place of the end. */
export function writeBody(request: ClientRequest, body: Uint8Array, pace: Pace, abort: () => void): void {
  const { pieceBytes = body.length, pauseMs = 0, abortAfterBytes } = pace
  if (pieceBytes >= body.length && abortAfterBytes === undefined) {
    request.end(body)
    return
  }
  if (!request.hasHeader('Content-Length')) request.setHeader('Content-Length', body.length)
  const size = Math.max(1, pieceBytes)
  const end = Math.min(body.length, abortAfterBytes ?? body.length)
  let timer: NodeJS.Timeout | undefined
  request.once('close', () => clearTimeout(timer))

  const writeFrom = (offset: number) => {
    const next = Math.min(offset + size, end)
    request.write(body.subarray(offset, next), () => {
      if (next < end) timer = setTimeout(writeFrom, pauseMs, next)
      else if (abortAfterBytes === undefined) request.end()
      else abort()
    })
  }
  writeFrom(0)
}
