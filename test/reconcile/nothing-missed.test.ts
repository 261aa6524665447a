import { setTimeout as sleep } from 'node:timers/promises'
import { createTrigger, fireTrigger } from '@hookport/providers/jaot-api'
import { type AnswerFate, type Fate, startEmulator } from '@hookport/sender'
import { startPostgres } from '@hookport/testkit/postgres-server'
import { startRedis } from '@hookport/testkit/redis-server'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { expect, onTestFinished, test } from 'vitest'
import { Fleet } from './support/fleet.ts'

/** All of it with TEST_ALL: 500 runs; else 100. */
const count = process.env.TEST_ALL ? 500 : 100
const secret = 'whsec_nothing_missed'
const every = 500

const stores: Record<string, () => Promise<Record<string, string>>> = {
  SQLite: async () => ({ HOOKPORT_DB: `${temporaryFolder()}/inbox.db` }),
  BullMQ: async () => {
    const redis = await startRedis(['--appendonly', 'yes'])
    onTestFinished(() => redis.stop())
    return { REDIS_URL: redis.url }
  },
  Postgres: async () => {
    const postgres = await startPostgres()
    onTestFinished(() => postgres.stop())
    return { DATABASE_URL: postgres.url }
  },
}

/** In each twenty runs: 6 webhooks lost, 2 long after the poll, 1 at about its instant, 1 doubled. */
function fateOf(index: number): Fate {
  const place = index % 20
  if (place < 6) return 'lost'
  if (place < 8) return { lateMs: 3 * every }
  if (place === 8) return { lateMs: Math.random() * every }
  return place === 9 ? 'twice' : 'sent'
}

/** All of them with TEST_ALL: each takes some 15 s. */
const tried = Object.entries(stores).slice(0, process.env.TEST_ALL ? undefined : 1)

test.each(tried)(
  `${count} runs of JAOT have ${count} effects over %s, though it loses webhooks, fails, and both receivers die in the middle of a page`,
  async (_, start) => {
    const env = await start()
    let sent = 0
    let onPage = () => {}
    let pages = 0
    const answerOf = (path: string): AnswerFate => {
      if (!path.endsWith('/runs')) return 'given'
      onPage()
      pages += 1
      if (pages % 13 === 0) return 'cut-off'
      return pages % 7 === 0 ? 'unavailable' : 'given'
    }
    // The first run is an old one that ends late; the others take up to a third of a second.
    let fired = 0
    const runMs = () => (fired++ === 0 ? 9_000 : Math.random() * 300)
    const emulator = await startEmulator({
      timeScale: 1 / 200,
      jaotFiresPerMinute: 10 * count,
      losses: { fateOf: () => fateOf(sent++), answerOf, runMs },
    })
    onTestFinished(() => emulator.close())
    const api = { apiKey: 'ok_live_1', baseUrl: emulator.url }
    const fleet = new Fleet({ ...api, folder: temporaryFolder(), secret, every }, env)
    const webhookUrl = await fleet.balance()
    const trigger = await createTrigger({
      ...{ ...api, name: 'Nightly', documentId: 'doc_1', versionId: 'ver_1' },
      ...{ webhookUrl, webhookSecret: secret },
    })
    const runs: string[] = []
    const fire = async () => void runs.push((await fireTrigger({ ...api, ...trigger })).runId)

    await Promise.all([fleet.start(), fleet.start()])
    await sleep(2_500) // the first pass: from now on, what ends is looked for
    await fire()
    await fleet.expect(runs[0] as string, 1_000) // it will be overdue
    while (runs.length < count / 2) {
      await fire()
      if (runs.length % 10 === 0) await fleet.expect(runs.at(-1) as string, 2_500)
    }
    await expect.poll(() => fleet.lines('overdue'), { timeout: 15_000 }).toHaveLength(1)
    // The machine is lost while a page is read. Nobody is there for longer than JAOT tries.
    const lost = new Promise<void>((resolve) => {
      onPage = () => {
        onPage = () => {}
        void fleet.end('SIGKILL').then(resolve)
      }
    })
    await lost
    const goOn = (async () => {
      while (runs.length < count) {
        await fire()
        await sleep(5)
      }
    })()
    await sleep(3_000)
    await Promise.all([fleet.start(), fleet.start()])
    await goOn

    const effects = () => new Set(fleet.lines('effects'))
    await expect.poll(() => effects().size, { timeout: 40_000, interval: 200 }).toBe(count)
    await emulator.settled()
    await sleep(2 * every)
    await fleet.end('SIGTERM')

    expect([...effects()].sort()).toEqual([...runs].sort())
    const takenOn = fleet.lines('taken-on')
    expect(takenOn).toHaveLength(new Set(takenOn).size) // nothing is taken on twice, by whatever way
    expect(fleet.lines('conflicts')).toEqual([])
    expect(fleet.lines('dead')).toEqual([])
    expect(fleet.lines('overdue')).toEqual([`${runs[0]} running`])
    expect(fleet.lines('reconciled').length).toBeGreaterThanOrEqual(count * 0.3)
  },
  90_000,
)
