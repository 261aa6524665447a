import { describe, test } from 'vitest'
import { fromEntry, type Known } from './wrong-answers/known-wrong-answers.ts'
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
    const subject = subjects.find((one) => one.id === id)
    const results = await Promise.allSettled(
      entries.map(async (entry) => {
        const answers = new Answers(fromEntry(entry))
        await subject?.run(answers).finally(() => answers.end())
      }),
    )
    const missed = entries.filter((_, index) => {
      const result = results[index]
      return result?.status !== 'rejected' || !isRejection(result.reason)
    })
    expect(missed).toEqual([])
  })
})
