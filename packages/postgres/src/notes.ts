import { randomUUID } from 'node:crypto'
import type { Note, Notes } from '@hookport/core'
import type { Database } from './connection/database.ts'
import { momentOf } from './sql.ts'

/** Statements may be sent twice where a connection broke. A write that has already happened is recognised by its version. */
export function notesIn(database: Database): Notes {
  const { layout } = database
  const { notes, leads } = layout.tables

  /** @param step returns rows where it changes something, or has changed it before. */
  async function changes(step: string, values: unknown[]): Promise<boolean> {
    const [answer] = await database.write<{ changed: boolean }>(
      `WITH ${momentOf(layout)}, step AS (${step}) SELECT EXISTS (SELECT FROM step) AS changed FROM moment`,
      values,
    )
    return answer?.changed === true
  }

  return {
    async read(name) {
      const [note] = await database.ask<Note>(`SELECT name, text, version FROM ${notes} WHERE name = $1`, [
        name,
      ])
      return note
    },
    list: (prefix) =>
      database.ask<Note>(
        `SELECT name, text, version FROM ${notes} WHERE starts_with(name, $1) ORDER BY name`,
        [prefix],
      ),
    write(name, text, version) {
      if (text === undefined && version === undefined)
        return changes(`SELECT FROM moment WHERE NOT EXISTS (SELECT FROM ${notes} WHERE name = $1)`, [name])
      if (text === undefined)
        return changes(
          `DELETE FROM ${notes} USING moment WHERE name = $1 AND version = $2::uuid RETURNING 1`,
          [name, version],
        )
      const next = randomUUID()
      if (version === undefined)
        return changes(
          `INSERT INTO ${notes} AS n (name, text, version) SELECT $1, $2, $3::uuid FROM moment
           ON CONFLICT (name) DO UPDATE SET text = n.text WHERE n.version = excluded.version RETURNING 1`,
          [name, text, next],
        )
      return changes(
        `UPDATE ${notes} SET text = $2, version = $3::uuid FROM moment WHERE name = $1 AND version IN ($3::uuid, $4::uuid) RETURNING 1`,
        [name, text, next, version],
      )
    },
    lead: (work, holder, leaseMs) =>
      changes(
        `INSERT INTO ${leads} AS l (work, holder, lease_until) SELECT $1, $2, now + $3::float8 FROM moment
         ON CONFLICT (work) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until
         WHERE l.holder = excluded.holder OR l.lease_until <= (SELECT now FROM moment) RETURNING 1`,
        [work, holder, leaseMs],
      ),
    async resign(work, holder) {
      await changes(`DELETE FROM ${leads} USING moment WHERE work = $1 AND holder = $2 RETURNING 1`, [
        work,
        holder,
      ])
    },
  }
}
