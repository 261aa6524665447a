import { setTimeout as sleep } from 'node:timers/promises'
import { reasonOf } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import { expect, test } from 'vitest'
import { explainError } from '../src/connection/explain-error.ts'
import { isConnectionLoss } from '../src/connection/kinds-of-error.ts'
import { remembered, sampleEvent } from './support/sample-event.ts'

/** As the server words them; none of them can be brought about in a test at no cost. */
test.each([
  [
    '53100',
    'could not extend file "base/5/16384": No space left on device',
    /^postgresInbox: the disk of the database is full \(could not extend/,
  ],
  [
    '42804',
    'column "due_at" is of type text but expression is of type bigint',
    /^postgresInbox: the tables in schema shop are not those that this version/,
  ],
  [
    '57014',
    'canceling statement due to statement timeout',
    /or the statement_timeout of the role too short\?$/,
  ],
])('an error %s of the server is explained, and is the cause: %s', (code, message, explained) => {
  const error = Object.assign(new Error(message), { code })
  const said = explainError(error, { schema: 'shop' })
  expect(said).toMatchObject({ message: expect.stringMatching(explained), cause: error })
})

test('a connection by WebSocket fails with an event, of which the reason is told, and it is tried again', () => {
  const refused = new Error('getaddrinfo ENOTFOUND ep-x.neon.tech')
  class FailedSocket {
    type = 'error'
    get error() {
      return refused
    }
  }
  const said = explainError(new FailedSocket(), { schema: 'shop' })
  expect(said).toBeInstanceOf(Error)
  expect(said).toMatchObject({
    message:
      "postgresInbox: the database can't be reached by WebSocket: getaddrinfo ENOTFOUND ep-x.neon.tech",
  })
  expect(isConnectionLoss(new FailedSocket())).toBe(true)
  expect(isConnectionLoss(undefined)).toBe(false)
})

test('where each try to connect takes a while, what the time ran out with is why they failed', async () => {
  let tries = 0
  const connect = async () => {
    tries += 1
    if (tries > 1) await sleep(4_000) // longer than a sender waits
    throw { type: 'error', error: new Error('nobody is there') } // as a WebSocket
  }
  const inbox = postgresInbox({ pool: { connect, on() {} } })
  const refused: Error = await Promise.resolve(inbox.put(sampleEvent('one'), remembered)).then(
    () => new Error('was accepted'),
    (error) => error,
  )
  expect(refused.message).toMatch(/within \d+ ms$/)
  expect(refused.cause).toBeInstanceOf(Error) // which a logger shows
  expect(reasonOf(refused)).toMatch(/, because of postgresInbox: .* nobody is there$/)
  await inbox.close()
})
