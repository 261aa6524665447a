import { join } from 'node:path'
import { sqliteInbox } from '@hookport/sqlite'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { expect, onTestFinished, test, vi } from 'vitest'

test('what is put after close is refused by a promise of the language: zone.js tells of its own as unhandled, and may end the process', async () => {
  const inbox = sqliteInbox({ path: join(temporaryFolder(), 'webhooks.db') })
  await inbox.close()
  class ZoneAwarePromise<T> extends Promise<T> {}
  vi.stubGlobal('Promise', ZoneAwarePromise)
  onTestFinished(() => void vi.unstubAllGlobals())
  const putting = inbox.put(eventRecord({ id: 'late' }), { rememberMs: 60_000 })
  expect(putting).not.toBeInstanceOf(ZoneAwarePromise)
  await expect(putting).rejects.toThrow('was closed')
})
