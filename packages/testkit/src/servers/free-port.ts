import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * A port on which nobody listens. It is below the ports that the system gives to outgoing connections. Otherwise a client that
 * keeps trying to reach a killed server may get the server's own port, and hold it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000)
    if (await canListen(port)) return port
  }
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
