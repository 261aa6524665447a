import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { bullmqInbox } from '@hookport/bullmq'
import { type Inbox, memoryInbox } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { postgresInbox } from '@hookport/postgres'
import { sqliteInbox } from '@hookport/sqlite'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import { startRedis } from '@hookport/testkit/servers/redis-server'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import fc from 'fast-check'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { hold, timeout, title } from './support/fuzz.ts'
import { type History, histories } from './support/inbox-calls.ts'
import { Player } from './support/inbox-player.ts'

const shortMs = 2_500
const passMs = 3_000
/** How often it is looked whether a store has come to the same: a few seconds on a busy machine. */
const mostLooks = 300

/** Not mostly the first calls and the shortest histories, in which little happens. */
const evenly = { unbiased: true } as const
/** Making a history shorter takes seconds for each attempt, as a server may only be late. */
const asTheyAre = { ...evenly, endOnFailure: true } as const

let sources = 0

/** Plays a history on an inbox and on the memory inbox, and compares the two after each call. */
async function agree(
  inbox: Inbox,
  { aliases, calls }: History,
  advance?: (ms: number) => Promise<void>,
): Promise<void> {
  const clock = manualClock()
  const memory = memoryInbox({ clock })
  const source = `source-${++sources}`
  const [model, player] = [memory, inbox].map((one) => new Player(one, source, aliases)) as [Player, Player]
  const pass = async (ms: number) => {
    await clock.advance(ms)
    await advance?.(ms)
    for (let turn = 0; turn < 5; turn++) await nextTurn()
  }
  try {
    for (const call of calls) {
      const expected = await model.play(call)
      if (call.call === 'pass') await pass(passMs)
      else expect(await player.play(call), call.call).toEqual(expected)
      if (expected === null && call.call !== 'pass') continue
      await pass(0)
      for (let looks = 1; ; looks++) {
        const seen = await player.describe()
        const modelled = await model.describe()
        if (isDeepStrictEqual(seen, modelled)) break
        if (looks === mostLooks) expect(seen, call.call).toEqual(modelled)
        if (!advance) await sleep(10)
        await pass(1) // what finds nothing at once looks again a little later
      }
    }
  } finally {
    await Promise.all([model.stop(), player.stop()])
  }
}

test(`SQLite answers any calls as the memory inbox does, also as time passes: ${title}`, {
  timeout,
}, async () => {
  const clock = manualClock()
  const inbox = sqliteInbox({ path: `${temporaryFolder()}/inbox.db`, clock, synchronous: 'normal' })
  onTestFinished(() => inbox.close())
  const advance = (ms: number) => clock.advance(ms)
  await hold(
    fc.asyncProperty(histories(shortMs), (history) => agree(inbox, history, advance)),
    1,
    evenly,
  )
})

test(`Redis answers any calls as the memory inbox does: ${title}`, { timeout }, async () => {
  const server = await startRedis()
  onTestFinished(() => server.stop())
  const inbox = bullmqInbox({ connection: server.url })
  onTestFinished(() => inbox.close())
  await hold(
    fc.asyncProperty(histories(), (history) => agree(inbox, history)),
    5,
    asTheyAre,
  )
})

test(`Postgres answers any calls as the memory inbox does: ${title}`, { timeout }, async () => {
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  const pool = new pg.Pool({ connectionString: server.url })
  onTestFinished(() => pool.end())
  const inbox = postgresInbox({ pool })
  onTestFinished(() => inbox.close())
  await hold(
    fc.asyncProperty(histories(), (history) => agree(inbox, history)),
    10,
    asTheyAre,
  )
})
