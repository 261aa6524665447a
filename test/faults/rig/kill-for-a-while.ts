import { setTimeout as sleep } from 'node:timers/promises'

interface Killable {
  kill(): Promise<void>
  restart(): Promise<void>
}

const down = new WeakSet<Killable>()

/** False, with nothing done, where an earlier fault has it down already: it would be started twice. */
export async function killForAWhile(server: Killable, lastsMs: number): Promise<boolean> {
  if (down.has(server)) return false
  down.add(server)
  try {
    await server.kill()
    await sleep(lastsMs)
    await server.restart()
    return true
  } finally {
    down.delete(server)
  }
}
