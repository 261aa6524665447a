import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Receiver } from '@hookport/core'
import { afterAll, beforeAll } from 'vitest'

export interface Running {
  readonly origin: string
  stop(): Promise<unknown>
}

/** Runs an application for the tests of a file. Its `origin` is available once they run. */
export function serving(start: () => Promise<Running>, startTimeoutMs = 10_000): { readonly origin: string } {
  let running: Running | undefined
  beforeAll(async () => {
    running = await start()
  }, startTimeoutMs)
  afterAll(() => running?.stop())
  return {
    get origin() {
      if (!running) throw new Error('not running yet')
      return running.origin
    },
  }
}

/** Serves a listener of `node:http` on a free port. */
export async function listen(
  listener: RequestListener,
  receivers: Record<string, Receiver>,
): Promise<Running> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return runningServer(server, () => Promise.all(Object.values(receivers).map((receiver) => receiver.stop())))
}

export function runningServer(server: Server, stopReceivers: () => Promise<unknown>): Running {
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close()
      server.closeAllConnections()
      await stopReceivers()
    },
  }
}
