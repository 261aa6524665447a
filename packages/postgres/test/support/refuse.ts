import { setImmediate as nextTurn } from 'node:timers/promises'
import type pg from 'pg'
import { textOf } from './text-of.ts'

/** Refuses statements that match, as a server out of memory does unless told, while `isOn`. */
export function refuse(pool: pg.Pool, statement: RegExp, code = '53200'): { isOn: boolean; count: number } {
  const refusal = { isOn: false, count: 0 }
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>
    client.query = (async (...args: unknown[]) => {
      if (!refusal.isOn || !statement.test(textOf(args[0]))) return query(...args)
      refusal.count += 1
      await nextTurn()
      throw Object.assign(new Error('is refused'), { code })
    }) as never
  })
  return refusal
}
