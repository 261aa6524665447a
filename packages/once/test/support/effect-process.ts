import { setTimeout as sleep } from 'node:timers/promises'
import { onceIn } from '@hookport/once/pg'
import pg from 'pg'
import { contextOf, eventOf } from './handling.ts'

/**
 * `node effect-process.ts URL HANDLER_TIMEOUT HOLD_MS ID…`: handles these events at once, each until it has succeeded, and says how it goes. With
 * `frozen` for HOLD_MS it stands still once it has written, until it is told to go on.
 */
const [url, handlerTimeout, holdMs, ...ids] = process.argv.slice(2)

const pool = new pg.Pool({ connectionString: url, max: 10 })
pool.on('error', () => {})
const say = (text: string) => process.stdout.write(`${text}\n`)
const save = onceIn(pool)('save', async ({ id }, _, { tx }) => {
  await tx.query('insert into effects values ($1, $2)', [id, process.pid])
  say(`written ${id}`)
  if (holdMs === 'frozen') process.kill(process.pid, 'SIGSTOP')
  else await sleep(Number(holdMs))
})

async function handle(id: string): Promise<void> {
  const timeout = Number(handlerTimeout)
  const signal = AbortSignal.timeout(timeout)
  try {
    await save(eventOf({ id }), contextOf({ handlerTimeout: timeout, signal }))
    say(`handled ${id}`)
  } catch (error) {
    say(`failed ${id}: ${(error as Error).message}`)
    await handle(id)
  }
}

await Promise.all(ids.map(handle))
await pool.end()
