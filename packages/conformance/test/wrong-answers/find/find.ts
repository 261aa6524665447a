import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { receiverAudits } from '@hookport/conformance'
import { inboxSuite } from '@hookport/conformance/inbox'
import { expect, test } from 'vitest'
import { brokenInboxes } from '../../broken-inboxes/all.ts'
import { brokenTwins } from '../../broken-twins/broken-twins.ts'
import { startTwin } from '../../start-twin.ts'
import { type Entry, fromEntry, type Known, toEntry } from '../known-wrong-answers.ts'
import { subjects } from '../subjects.ts'
import unneeded from '../unneeded-expectations.json' with { type: 'json' }
import before from '../wrong-answers.json' with { type: 'json' }
import { type Explained, judge, reportOf } from './report.ts'
import { forEach, Places, Search, tryFlaw } from './search.ts'
import { steadyClock } from './steady-clock.ts'

/** Most tests wait more than they work. */
const atOnce = 6

steadyClock()

const file = join(import.meta.dirname, '../wrong-answers.json')
const known = before as unknown as Known
const explained: readonly Explained[] = unneeded

const inboxesByHand = brokenInboxes.flatMap(({ rejectedBy, harness }) =>
  rejectedBy.map((id) => ({ id, run: async () => inboxSuite.find((one) => one.id === id)?.run(harness) })),
)

const twinsByHand = brokenTwins.flatMap((twin) =>
  twin.caughtBy.map((id) => ({
    id,
    async run() {
      const { target, stop } = await startTwin(twin)
      await receiverAudits
        .find((one) => one.id === id)
        ?.run({ ...target, patienceMs: 1_000 })
        .finally(stop)
    },
  })),
)

test('wrong answers that only one expectation notices', async () => {
  const only = process.env.ONLY?.split(',')
  const isChosen = ({ id }: { readonly id: string }) => !only || only.some((start) => id.startsWith(start))
  const places = new Places()
  const searches = subjects.filter(isChosen).map((subject) => ({
    id: subject.id,
    search: new Search(subject, places),
  }))
  await forEach(searches, atOnce, ({ id, search }) => search.tryKnown((known[id] ?? []).map(fromEntry)))
  await forEach(searches, atOnce, ({ search }) => search.tryWaits())
  const byHand = [...inboxesByHand, ...twinsByHand].filter(isChosen)
  await forEach(byHand, atOnce, ({ run }) => tryFlaw(run, places))
  await forEach(searches, atOnce, async ({ id, search }) => {
    await search.findMore()
    keep(id, search.found.map(toEntry))
    process.stdout.write(`${id} `)
  })
  const { unexplained, idle } = judge(places, explained)
  process.stdout.write(reportOf(places, unexplained))
  expect(unexplained, 'noticed by nothing where they are left out').toEqual([])
  if (!only) expect(idle, 'explained, and gone').toEqual([])
})

/** At once, as a search takes long. Others may run beside it. */
function keep(id: string, entries: readonly Entry[]): void {
  const found = JSON.parse(readFileSync(file, 'utf8')) as Record<string, readonly Entry[]>
  const written = `${file}.${process.pid}`
  writeFileSync(written, textOf({ ...found, [id]: entries }))
  renameSync(written, file)
}

function textOf(found: Known): string {
  const tests = Object.entries(found).filter(([, entries]) => entries.length > 0)
  const sorted = tests.sort(([one], [other]) => one.localeCompare(other))
  const lines = sorted.map(([id, entries]) => `  ${JSON.stringify(id)}: ${JSON.stringify(entries)}`)
  return `{\n${lines.join(',\n')}\n}\n`
}
