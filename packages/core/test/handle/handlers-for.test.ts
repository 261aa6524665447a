import { type Attempt, noProgress } from '@hookport/core'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { recordedLogger } from '@hookport/testkit/logs'
import { expect, test } from 'vitest'
import { Handlers } from '../../src/handle/handlers.ts'
import { ParkLog } from '../../src/handle/park-log.ts'
import { waitsForItsHandler } from '../../src/handle/turn/conclude-turn.ts'

test('an event that is replayed for a handler of another process waits half a minute, as it was: nothing has failed', () => {
  const progress = { ...noProgress, only: 'index' }
  const attempt: Attempt = {
    event: eventRecord(),
    attempt: 2,
    interruptions: 1,
    interruptedAlone: 1,
    wasInterrupted: true,
    progress,
    now: 0,
    checkpoint() {},
  }
  const parkLog = new ParkLog(recordedLogger().logger, {}, () => [])
  expect(waitsForItsHandler(attempt, { handlers: new Handlers(true), parkLog })).toEqual({
    outcome: 'retry',
    delayMs: 30_000,
    progress,
    failures: [],
    attemptUsed: false,
    keepInterruptions: true,
  })
})
