import { setTimeout as sleep } from 'node:timers/promises'
import { createTrigger, fireTrigger } from '@hookport/providers/jaot-api'
import { type AnswerFate, type Fate, startEmulator } from '@hookport/sender'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { expect, onTestFinished } from 'vitest'
import { Fleet } from './fleet.ts'
import type { StartMember } from './members.ts'

interface Story {
  /** How many runs are fired. */
  readonly count: number
  /** Milliseconds between two passes. All else is as much longer or shorter. */
  readonly every: number
}

const secret = 'whsec_nothing_missed'

/** In each twenty runs: 6 webhooks lost, 2 long after the poll, 1 at about its instant, 1 doubled. */
function fateOf(index: number, every: number): Fate {
  const place = index % 20
  if (place < 6) return 'lost'
  if (place < 8) return { lateMs: 3 * every }
  if (place === 8) return { lateMs: Math.random() * every }
  return place === 9 ? 'twice' : 'sent'
}

/** What becomes of the pages that JAOT is asked for. One in seven is refused for a second, fails, or breaks off. */
class Pages {
  count = 0
  /** Pages that were asked for while JAOT had asked to be left alone. */
  hurried = 0
  onPage = () => {}
  #limitedAt = Number.NEGATIVE_INFINITY

  readonly answerOf = (path: string): AnswerFate => {
    if (!path.endsWith('/runs')) return 'given'
    this.onPage()
    this.count += 1
    if (performance.now() - this.#limitedAt < 950) this.hurried += 1
    if (this.count % 13 === 0) return 'cut-off'
    if (this.count % 17 === 5) {
      this.#limitedAt = performance.now()
      return 'rate-limited'
    }
    return this.count % 7 === 0 ? 'unavailable' : 'given'
  }
}

/**
 * JAOT loses webhooks, has them come late or twice, and its API fails; the two receivers end in the middle of a page, nobody is there for ten of
 * its minutes, and runs come in all the while. Every run has one effect.
 */
export async function assertNothingMissed(startMember: StartMember, { count, every }: Story): Promise<void> {
  let sent = 0
  let fired = 0
  const pages = new Pages()
  // The first run is an old one that ends late; the others take up to a third of a second.
  const runMs = () => (fired++ === 0 ? 14 * every : Math.random() * 300)
  const emulator = await startEmulator({
    timeScale: every / 100_000,
    jaotFiresPerMinute: 10 * count,
    losses: { fateOf: () => fateOf(sent++, every), answerOf: pages.answerOf, runMs },
  })
  onTestFinished(() => emulator.close())
  const api = { apiKey: 'ok_live_1', baseUrl: emulator.url }
  const fleet = new Fleet({ ...api, folder: temporaryFolder(), secret, every }, startMember)
  const webhookUrl = await fleet.balance()
  const trigger = await createTrigger({
    ...{ ...api, name: 'Nightly', documentId: 'doc_1', versionId: 'ver_1' },
    ...{ webhookUrl, webhookSecret: secret },
  })
  const runs: string[] = []
  const fire = async () => void runs.push((await fireTrigger({ ...api, ...trigger })).runId)

  await Promise.all([fleet.start(), fleet.start()])
  await expect.poll(() => pages.count, { timeout: 10_000 }).toBeGreaterThan(0) // from now on, what ends is looked for
  await fire()
  await fleet.expect(runs[0] as string, 2 * every) // it will be overdue
  while (runs.length < count / 2) {
    await fire()
    if (runs.length % 10 === 0) await fleet.expect(runs.at(-1) as string, 5 * every)
  }
  await expect.poll(() => fleet.lines('overdue'), { timeout: 15_000 }).toHaveLength(1)
  await new Promise<void>((resolve) => {
    pages.onPage = () => {
      pages.onPage = () => {}
      void fleet.end('lose').then(resolve)
    }
  })
  const goOn = (async () => {
    while (runs.length < count) {
      await fire()
      await sleep(5)
    }
  })()
  await sleep(6 * every)
  await Promise.all([fleet.start(), fleet.start()])
  await goOn

  const effects = () => new Set(fleet.lines('effects'))
  await expect.poll(() => effects().size, { timeout: 40_000, interval: 100 }).toBe(count)
  await emulator.settled()
  await sleep(2 * every)
  await fleet.end('stop')

  expect([...effects()].sort()).toEqual([...runs].sort())
  const takenOn = fleet.lines('taken-on')
  expect(takenOn).toHaveLength(new Set(takenOn).size) // nothing is taken on twice, by whatever way
  expect(fleet.lines('conflicts')).toEqual([])
  expect(fleet.lines('dead')).toEqual([])
  expect(fleet.lines('overdue')).toEqual([`${runs[0]} running`])
  expect(fleet.lines('reconciled').length).toBeGreaterThanOrEqual(count * 0.3)
  expect(pages.hurried).toBe(0)
}
