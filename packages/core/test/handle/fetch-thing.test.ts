import type { FetchableEvent } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { expect, test } from 'vitest'
import { fetchOnce } from '../../src/handle/open-event.ts'

// Over a receiver: receiver/fetch.test.ts.

test('who fetches after the lease was lost is told so at once, and not after handlerTimeout', async () => {
  const fetch = async (_: unknown, { signal }: { signal: AbortSignal }) => {
    signal.throwIfAborted()
    return 'a run'
  }
  const tools = { clock: manualClock(), handlerTimeout: 25_000 }
  const fetchThing = fetchOnce({ name: 'acme', fetch }, AbortSignal.abort(), tools)
  await expect(fetchThing({} as FetchableEvent)).rejects.toThrow(/abort/)
})
