import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** Resolves as soon as the server at `url` lets a client in, or when `signal` is aborted. */
export async function answersPostgres(url: string, patienceMs: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + patienceMs
  while (!signal.aborted && !(await answersOnce(url))) {
    if (Date.now() > deadline) throw new Error(`nothing answers at ${url}`)
    await sleep(20)
  }
}

async function answersOnce(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
