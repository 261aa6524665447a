import { reply } from '../reply/replies.ts'

/** A stream ends after this time, and the browser asks again, so that a viewer who has lost access is refused. */
const streamMs = 5 * 60_000
/** The page takes a connection for dead on which it hears nothing for twice as long. */
const heartbeatMs = 15_000
const streamsAtOnce = 50

/** Server-sent events: what `ask` returns, whenever it has changed. It is only called while somebody listens. */
export class LiveUpdates {
  readonly #ask: () => Promise<unknown>
  readonly #refreshMs: number
  readonly #listeners = new Set<(text: string) => void>()
  readonly #endings = new Set<() => void>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #last = ''
  #asked = 0
  #told = 0
  #isClosed = false

  constructor(ask: () => Promise<unknown>, refreshMs: number) {
    this.#ask = ask
    this.#refreshMs = refreshMs
  }

  stream(signal: AbortSignal): Response {
    if (this.#isClosed || this.#listeners.size >= streamsAtOnce)
      return reply('', 'text/plain', { status: 503 })
    if (signal.aborted) return reply('', 'text/event-stream') // the viewer left while access was checked
    const encoder = new TextEncoder()
    let end = () => {}
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const write = (text: string) => controller.enqueue(encoder.encode(text))
        const heartbeat = setInterval(() => write('event: beat\ndata: {}\n\n'), heartbeatMs)
        const ending = setTimeout(() => end(), streamMs)
        end = () => {
          end = () => {}
          clearInterval(heartbeat)
          clearTimeout(ending)
          this.#listeners.delete(write)
          this.#endings.delete(stop)
          if (this.#listeners.size === 0) this.#rest()
          try {
            controller.close()
          } catch {} // the reader has cancelled it
        }
        const stop = () => end()
        this.#endings.add(stop)
        signal.addEventListener('abort', stop, { once: true })
        write(`retry: 2000\n\n${this.#last}`)
        this.#listeners.add(write)
        if (this.#timer === undefined) void this.#tick()
      },
      cancel: () => end(),
    })
    return reply(body, 'text/event-stream', { headers: { 'x-accel-buffering': 'no' } })
  }

  /** Ends all streams, and opens no new ones. Open pages ask again after a moment. */
  close(): void {
    this.#isClosed = true
    for (const end of [...this.#endings]) end()
  }

  #rest(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#last = ''
  }

  async #tick(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#tick(), this.#refreshMs)
    const turn = ++this.#asked
    // If the store can't be asked, the page says so, as that is when people look at it.
    const text = await this.#ask().then(
      (value) => `data: ${JSON.stringify(value)}\n\n`,
      () => 'event: trouble\ndata: {}\n\n',
    )
    if (turn < this.#told) return // a store that is slow was asked before a change, and answers after it
    this.#told = turn
    if (text === this.#last || this.#listeners.size === 0) return
    this.#last = text
    for (const write of this.#listeners) write(text)
  }
}
