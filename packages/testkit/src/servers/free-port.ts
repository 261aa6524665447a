import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Between being found and being listened at, a port is nobody's. So processes that run tests at the same time look for it in
 * different places, by the number that Vitest gives to each, and none finds the same twice in a row.
 */
const size = 2000
const first = 11_000 + size * (Number(process.env.VITEST_POOL_ID ?? 0) % 10)
let last = Math.floor(Math.random() * size)

/**
 * A port on which nobody listens. It is below the ports that the system gives to outgoing connections. Otherwise a client that
 * keeps trying to reach a killed server may get the server's own port, and hold it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    last = (last + 1) % size
    const port = first + last // another call may go on meanwhile
    if (await canListen(port)) return port
  }
}

/** At every address: a server that is given none listens at all of them. */
async function canListen(port: number): Promise<boolean> {
  const server = createServer().listen(port)
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
