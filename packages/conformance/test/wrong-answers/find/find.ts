import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { receiverAudits } from '@hookport/conformance'
import { inboxSuite } from '@hookport/conformance/inbox'
import { expect, test } from 'vitest'
import { brokenInboxes } from '../../broken-inboxes/all.ts'
import { brokenTwins } from '../../broken-twins/broken-twins.ts'
import { startTwin } from '../../start-twin.ts'
import { type Entry, fromEntry, type Known, toEntry } from '../known-wrong-answers.ts'
import { subjects } from '../subjects.ts'
import before from '../wrong-answers.json' with { type: 'json' }
import { findNeeded, findWrongAnswers, forEach, Places } from './search.ts'

/** Most tests wait more than they work. */
const atOnce = 16

const file = join(import.meta.dirname, '../wrong-answers.json')
const known = before as unknown as Known

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
  const isChosen = ({ id }: { readonly id: string }) => !only || only.includes(id)
  const places = new Places()
  const found: Record<string, readonly Entry[]> = { ...known }
  const byHand = [...inboxesByHand, ...twinsByHand].filter(isChosen)
  await forEach(byHand, atOnce, ({ run }) => findNeeded(run, places))
  await forEach(subjects.filter(isChosen), atOnce, async (subject) => {
    const wrong = await findWrongAnswers(subject, (known[subject.id] ?? []).map(fromEntry), places)
    found[subject.id] = wrong.map(toEntry)
    writeFileSync(file, textOf(found))
    process.stdout.write(`${subject.id} `)
  })
  process.stdout.write(reportOf(places))
  expect(places.needed.size).toBeGreaterThan(0)
})

function textOf(found: Known): string {
  const tests = Object.entries(found).filter(([, entries]) => entries.length > 0)
  const sorted = tests.sort(([one], [other]) => one.localeCompare(other))
  const lines = sorted.map(([id, entries]) => `  ${JSON.stringify(id)}: ${JSON.stringify(entries)}`)
  return `{\n${lines.join(',\n')}\n}\n`
}

function reportOf({ met, failed, needed }: Places): string {
  const others = [...met].filter((place) => !needed.has(place)).sort()
  const lines = others.map((place) => {
    const together = failed.get(place)
    return `  ${place}${together ? `: others fail with it: ${[...together].slice(0, 4).join(' ')}` : ''}\n`
  })
  return `\n${met.size} expectations were met, and these are not known to be needed:\n${lines.join('')}`
}
