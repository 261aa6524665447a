import { describe, test } from 'vitest'
import { subjects } from './wrong-answers/subjects.ts'

/** A test that goes on too early fails here: `npm run expectations` takes it that each wait that this needs is needed. */
describe.concurrent('the suite waits for an inbox that is right, and takes its time', () => {
  const suite = subjects.filter(({ runSlowly }) => runSlowly)

  test.for(suite)('$id', { timeout: 60_000 }, async ({ runSlowly }) => {
    await runSlowly?.()
  })
})
