import { ConfigurationError, memoryInbox, PermanentError, Refusal } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { expect, test } from 'vitest'
import { toRefusal } from '../../src/accept/tell/refusal-log.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'

const like = Object.assign(new Error('like one of ours'), { code: 'invalid_option' })

test.each<[string, unknown, string, string]>([
  ['a mistake in the configuration', new ConfigurationError('no such key'), 'misconfigured', 'no such key'],
  ['another error of hookport', new PermanentError('broken'), 'unavailable', 'unexpected error'],
  ['an error of somebody else, with a code of ours', like, 'unavailable', 'unexpected error'],
  ['an error', new TypeError('x is not a function'), 'unavailable', 'unexpected error'],
  ['nothing', undefined, 'unavailable', 'unexpected error'],
])('%s that is thrown is a refusal, and its cause', (_, thrown, code, message) => {
  const refusal = toRefusal(thrown)
  expect(refusal).toMatchObject({ code, message })
  expect(refusal.cause).toBe(thrown)
})

test('a refusal that is thrown is that refusal', () => {
  const refusal = new Refusal('request_aborted', 'the sender hung up')
  expect(toRefusal(refusal)).toBe(refusal)
})

test('the log line of a refusal has its cause as err, and no err where there is none', async () => {
  const failure = new Error('the disk is full')
  const inbox = inboxInFront(memoryInbox(), { put: () => Promise.reject(failure) })
  const { send, receiver, log } = acmeReceiver({ inbox })
  await send()
  await receiver.receive({ method: 'PUT', url: '/', headers: new Headers(), readBody: () => Buffer.of() })
  expect(log.lines.map(({ details }) => details)).toStrictEqual([
    { provider: 'acme', code: 'unavailable', err: failure },
    { provider: 'acme', code: 'method_not_allowed' },
  ])
})
