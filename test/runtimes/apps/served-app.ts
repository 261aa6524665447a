import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { fetch } from './audited-app.ts'

type Serve = (request: Request) => Promise<Response>

/** What the servers of Bun and Deno are called with. */
interface Servers {
  readonly Bun?: { serve(options: { port: number; hostname: string; fetch: Serve }): { port: number } }
  readonly Deno?: {
    serve(
      options: { port: number; hostname: string; onListen(): void },
      fetch: Serve,
    ): {
      addr: { port: number }
    }
  }
}

const { Bun, Deno } = globalThis as Servers
const hostname = '127.0.0.1'
const serve: Serve = (request) => fetch(request)

/** By the server that the runtime itself has, and on Node by that of Hono. */
async function listen(): Promise<number> {
  if (Bun) return Bun.serve({ port: 0, hostname, fetch: serve }).port
  if (Deno) return Deno.serve({ port: 0, hostname, onListen() {} }, serve).addr.port
  const server = createServer(getRequestListener(serve))
  await new Promise<void>((resolve) => server.listen(0, hostname, resolve))
  return (server.address() as AddressInfo).port
}

process.stdout.write(`http://${hostname}:${await listen()}\n`)
