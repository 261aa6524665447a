import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inboxSuite } from '@hookport/conformance/inbox'
import { expect, test } from 'vitest'
import { brokenInboxes } from '../../broken-inboxes/all.ts'
import { type Entry, fromEntry, type Known, toEntry } from '../known-wrong-answers.ts'
import { subjects } from '../subjects.ts'
import before from '../wrong-answers.json' with { type: 'json' }
import { findNeeded, findWrongAnswers, Places } from './search.ts'

/** Most tests wait more than they work. */
const atOnce = 16

const file = join(import.meta.dirname, '../wrong-answers.json')
const known = before as unknown as Known

const byHand = brokenInboxes.flatMap(({ rejectedBy, harness }) =>
  rejectedBy.map((id) => async () => inboxSuite.find((one) => one.id === id)?.run(harness)),
)

test('wrong answers that only one expectation notices', async () => {
  const only = process.env.ONLY?.split(',')
  const places = new Places()
  const found: Record<string, readonly Entry[]> = { ...known }
  await forEach(byHand, (broken) => findNeeded(broken, places))
  const chosen = subjects.filter(({ id }) => !only || only.includes(id))
  await forEach(chosen, async (subject) => {
    const wrong = await findWrongAnswers(subject, (known[subject.id] ?? []).map(fromEntry), places)
    found[subject.id] = wrong.map(toEntry)
  })
  writeFileSync(file, textOf(found))
  process.stdout.write(reportOf(places))
  expect(places.needed.size).toBeGreaterThan(0)
})

async function forEach<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  const rest = [...items]
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

function textOf(found: Known): string {
  const tests = Object.entries(found).filter(([, entries]) => entries.length > 0)
  const sorted = tests.sort(([one], [other]) => one.localeCompare(other))
  const lines = sorted.map(([id, entries]) => `  ${JSON.stringify(id)}: ${JSON.stringify(entries)}`)
  return `{\n${lines.join(',\n')}\n}\n`
}

function reportOf({ met, failed, needed }: Places): string {
  const others = [...met].filter((place) => !needed.has(place)).sort()
  const lines = others.map((place) => `  ${place}${failed.has(place) ? ': others fail with it' : ''}\n`)
  return `${met.size} expectations were met, and these are not known to be needed:\n${lines.join('')}`
}
