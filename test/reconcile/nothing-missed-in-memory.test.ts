import { memoryInbox } from '@hookport/core'
import { test } from 'vitest'
import { assertNothingMissed } from './support/losing-jaot.ts'
import { inThisProcess } from './support/members.ts'

/** All of it with TEST_ALL: 500 runs; else 60. */
const count = process.env.TEST_ALL ? 500 : 60

// What is in memory dies with its process: nobody is killed here, and what is stopped in the middle of a page lets its work go in order.
test(`${count} runs of JAOT have ${count} effects over memory, though it loses webhooks, fails, and both receivers are stopped in the middle of a page`, async () => {
  await assertNothingMissed(inThisProcess(memoryInbox()), { count, every: 200 })
}, 90_000)
