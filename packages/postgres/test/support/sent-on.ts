import type pg from 'pg'
import { textOf } from './text-of.ts'

/** Texts of what is sent on a pool from now on, on connections that it makes from now on. */
export function sentOn(pool: pg.Pool): string[] {
  const sent: string[] = []
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown
    client.query = ((...args: unknown[]) => {
      sent.push(textOf(args[0]))
      return query(...args)
    }) as never
  })
  return sent
}
