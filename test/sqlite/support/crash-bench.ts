import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type SignedDelivery, sampleEvent, signDelivery } from '@hookport/sender'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { type ReceiverProcess, type ReceiverSettings, startReceiver } from './start-receiver.ts'

const secret = 'whsec_crash'

export interface Effect {
  readonly run: number
  readonly handler: 'first' | 'second'
  readonly id: string
}

/** A database and a file of effects that outlive the processes that use them. */
export function crashBench(more: Partial<ReceiverSettings> = {}) {
  const folder = temporaryFolder()
  const database = join(folder, 'inbox.db')
  const effectsFile = join(folder, 'effects.jsonl')
  writeFileSync(effectsFile, '')
  let run = 0
  return {
    start: (settings: Pick<ReceiverSettings, 'crashAt'> = {}): Promise<ReceiverProcess> => {
      const common = { database, effectsFile, secret, leaseMs: 500, workMs: 5, syncEffects: true }
      return startReceiver({ ...common, ...more, ...settings, run: ++run })
    },
    /** In the order in which they were written. */
    effects: (): Effect[] =>
      readFileSync(effectsFile, 'utf8')
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    /** Asks the database itself. For when no process has it open. */
    query: (sql: string): unknown[] => {
      const connection = new DatabaseSync(database)
      try {
        return connection
          .prepare(sql)
          .all()
          .map((row) => Object.values(row)[0])
      } finally {
        connection.close()
      }
    },
  }
}

/** A delivery of an event with this id, signed now. */
export function deliveryOf(id: string): SignedDelivery {
  const event = { ...sampleEvent('sematryx', 'optimization.completed'), id }
  return signDelivery({ provider: 'sematryx', form: 'compact', secret, event })
}

/** The status of the answer; undefined if there was none. */
export async function post(
  url: string,
  { method, headers, body }: SignedDelivery,
): Promise<number | undefined> {
  try {
    const response = await fetch(url, { method, headers, body: new Uint8Array(body) })
    await response.arrayBuffer()
    return response.status
  } catch {
    return undefined
  }
}
