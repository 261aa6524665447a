import { DatabaseSync } from 'node:sqlite'
import { deferred } from '@hookport/testkit/deferred'
import { consumeRecorded, done } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { recordedLogger } from '@hookport/testkit/logs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { schemaVersion } from '../src/layout/schema.ts'
import { counts, rejection, rememberMs, temporaryFile, testInbox, watchFile } from './support/test-inbox.ts'

test('a process that runs while another brings the file to a newer version refuses everything from then on, and writes nothing', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path, pollMs: 20 })
  const { logger, at } = recordedLogger()
  const gate = deferred()
  await inbox.put(eventRecord({ id: 'held' }), { rememberMs })
  const { attempts } = consumeRecorded(
    inbox,
    async ({ event }) => {
      if (event.id === 'held') await gate.promise
      return done
    },
    { logger },
  )
  await expect.poll(() => attempts.length).toBe(1)
  await expect.poll(() => inbox.counts()).toEqual(counts({ active: 1 }))

  const other = watchFile(path)
  other.exec(`PRAGMA user_version = ${schemaVersion + 1}`)
  const content = () => other.prepare('SELECT * FROM events').all()
  const before = content()
  const newer = {
    code: 'invalid_option',
    problem: 'newer_schema',
    message: expect.stringMatching(/update the package/),
  }
  const event = eventRecord()
  const refusals: [string, () => unknown][] = [
    ['put', () => inbox.put(event, { rememberMs })],
    ['claim', () => inbox.claim(event, { rememberMs, leaseMs: 1_000 })],
    ['redrive', () => inbox.redrive(event.key)],
    ['discard', () => inbox.discard(event.key)],
    ['counts', () => inbox.counts()],
    ['list', () => inbox.list()],
    ['get', () => inbox.get(event.key)],
  ]
  for (const [name, call] of refusals) expect(await rejection(call), name).toMatchObject(newer)
  gate.resolve()
  await expect.poll(() => at('error').length).toBeGreaterThan(0)
  expect(content()).toEqual(before)
  other.exec(`PRAGMA user_version = ${schemaVersion}`) // as if it had been restored, so that the test can end
  await expect.poll(() => content()).toEqual([])
})

test('a file that can not be used is not kept open', () => {
  const path = temporaryFile()
  const other = watchFile(path)
  other.exec(`PRAGMA user_version = ${schemaVersion + 1}`)
  const closing = vi.spyOn(DatabaseSync.prototype, 'close')
  onTestFinished(() => closing.mockRestore())
  expect(() => testInbox({ path })).toThrow(/update the package/)
  expect(closing).toHaveBeenCalledOnce()
})
