import { describe, test } from 'vitest'
import { type Entry, fromEntry, type Known } from './wrong-answers/known-wrong-answers.ts'
import { isRejection, subjects } from './wrong-answers/subjects.ts'
import known from './wrong-answers/wrong-answers.json' with { type: 'json' }
import { Answers } from './wrong-answers/wrong-answers.ts'

/**
 * Each of these answers is noticed by one expectation of its test, and by no other: whoever takes an expectation away, or asks for less, sees it
 * here. `npm run expectations` finds them.
 */
describe.concurrent('each expectation notices a wrong answer that no other notices', () => {
  const refused = Object.entries(known as unknown as Known).filter(([, entries]) => entries.length > 0)

  test.for(refused)('%s', { timeout: 60_000 }, async ([id, entries], { expect }) => {
    let missed = await missedBy(id, entries)
    // How often a test has asked when something has come is chance where the clock is real. So an answer to its n-th question is tried again.
    for (let again = 0; again < 4 && missed.length > 0; again++) missed = await missedBy(id, missed)
    expect(missed).toEqual([])
  })
})

async function missedBy(id: string, entries: readonly Entry[]): Promise<readonly Entry[]> {
  const subject = subjects.find((one) => one.id === id)
  const results = await Promise.allSettled(
    entries.map(async (entry) => {
      const answers = new Answers(fromEntry(entry))
      await subject?.run(answers).finally(() => answers.end())
    }),
  )
  return entries.filter((_, index) => {
    const result = results[index]
    return result?.status !== 'rejected' || !isRejection(result.reason)
  })
}
