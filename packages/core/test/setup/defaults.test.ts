import { memoryInbox } from '@hookport/core'
import { expect, test } from 'vitest'
import { resolveOptions } from '../../src/setup/options.ts'
import { standardErrorLogger } from '../../src/setup/standard-error-logger.ts'
import { acme } from '../support/acme.ts'

const second = 1_000
const minute = 60 * second
const day = 24 * 60 * minute

/** What the README says of each option that is left out, and the comments of `ReceiverOptions` of the others. */
const documented = {
  name: 'acme',
  acknowledge: 'on-receipt',
  dedupeWindow: 3 * day,
  maxAge: 3 * day,
  acceptTimeout: 3 * second,
  maxBodyBytes: 1024 * 1024,
  maxBytesInFlight: 64 * 1024 * 1024,
  bodyTimeout: 10 * second,
  retry: { attempts: 8, initialDelay: second, maxDelay: 15 * minute, jitter: 0.2 },
  unhandled: 'park',
  keepParkedFor: 30 * day,
  maxParkedBytes: 64 * 1024 * 1024,
  handlerTimeout: 25 * second,
  concurrency: 16,
  consume: true,
  keepHandledFor: 0,
  order: undefined,
  observers: {},
}

test('every option that is left out is what is documented', () => {
  const { provider, inbox, logger, clock, redact, ...plain } = resolveOptions({ provider: acme() })
  expect(plain).toEqual(documented)
  expect(redact.paths).toEqual([])
  expect(provider.name).toBe('acme')
  expect(inbox.name).toBe(memoryInbox().name)
  expect(clock.now).toBe(Date.now)
  const { logger: given } = resolveOptions({ provider: acme(), logger: standardErrorLogger })
  expect(Object.keys(logger)).toEqual(Object.keys(given))
})

test('maxAge is the dedupeWindow where that is given alone', () => {
  expect(resolveOptions({ provider: acme(), dedupeWindow: 5 * day }).maxAge).toBe(5 * day)
})

test('what is left out of retry is what is documented, whatever else is given', () => {
  const { retry } = resolveOptions({ provider: acme(), retry: { attempts: 3 } })
  expect(retry).toEqual({ ...documented.retry, attempts: 3 })
})
