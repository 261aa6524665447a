import { readFileSync, writeFileSync } from 'node:fs'
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
import { findNeeded, findWrongAnswers, forEach, Places } from './search.ts'

/** Most tests wait more than they work. */
const atOnce = 4

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
  const byHand = [...inboxesByHand, ...twinsByHand].filter(isChosen)
  await forEach(byHand, atOnce, ({ run }) => findNeeded(run, places))
  await forEach(subjects.filter(isChosen), atOnce, async (subject) => {
    const wrong = await findWrongAnswers(subject, (known[subject.id] ?? []).map(fromEntry), places)
    const found = JSON.parse(readFileSync(file, 'utf8')) as Record<string, readonly Entry[]>
    writeFileSync(file, textOf({ ...found, [subject.id]: wrong.map(toEntry) }))
  })
  const { unexplained, idle } = judge(places, explained)
  process.stdout.write(reportOf(places, unexplained))
  expect(unexplained, 'noticed by nothing where they are left out').toEqual([])
  if (!only) expect(idle, 'explained, and needed or gone').toEqual([])
})

function textOf(found: Known): string {
  const tests = Object.entries(found).filter(([, entries]) => entries.length > 0)
  const sorted = tests.sort(([one], [other]) => one.localeCompare(other))
  const lines = sorted.map(([id, entries]) => `  ${JSON.stringify(id)}: ${JSON.stringify(entries)}`)
  return `{\n${lines.join(',\n')}\n}\n`
}
