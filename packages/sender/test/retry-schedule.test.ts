import { expect, test } from 'vitest'
import { createSender, responseDeadlines, sampleEvent, type WireChoice } from '../src/index.ts'
import { resolveSenderOptions } from '../src/sending/sender-options.ts'
import { fakeClock } from './fake-clock.ts'
import { answerWith, startReceiver } from './start-receiver.ts'

const secret = 'whsec_your_signing_secret_here'
const url = 'https://example.test/hook'

async function instantsOf(wire: WireChoice, timeScale?: number): Promise<number[]> {
  const receiver = await startReceiver(answerWith(503))
  const sender = createSender({ ...wire, url: receiver.url, secret, clock: fakeClock(), timeScale })
  const delivery = await sender.send(sampleEvent(wire.provider, 'unknown.type'))
  sender.close()
  expect(delivery.outcome).toBe('failed')
  expect(receiver.received).toHaveLength(delivery.attempts.length)
  return delivery.attempts.map((attempt) => attempt.at)
}

test('Sematryx: 6 attempts, after 1 s, 1 min, 5 min, 1 h and 24 h', async () => {
  expect(await instantsOf({ provider: 'sematryx' })).toEqual([
    0, 1_000, 61_000, 361_000, 3_961_000, 90_361_000,
  ])
})

test('JAOT: 4 attempts, after 30 s, 60 s and 120 s', async () => {
  expect(await instantsOf({ provider: 'jaot' })).toEqual([0, 30_000, 90_000, 210_000])
})

test('timeScale multiplies the delays', async () => {
  expect(await instantsOf({ provider: 'sematryx' }, 1 / 1000)).toEqual([0, 1, 61, 361, 3_961, 90_361])
})

test('the deadline is that of the provider and form, and not scaled', () => {
  const timeoutOf = (wire: WireChoice) =>
    resolveSenderOptions({ ...wire, url, secret, timeScale: 1 / 1000 }).timeoutMs
  expect(timeoutOf({ provider: 'sematryx' })).toBe(5_000)
  expect(timeoutOf({ provider: 'jaot' })).toBe(10_000)
  expect(timeoutOf({ provider: 'jaot', form: 'documented' })).toBe(30_000)
  expect(responseDeadlines).toEqual({ sematryx: 5_000, jaot: { documented: 30_000, real: 10_000 } })
})

test.each([
  { schedule: [-1] },
  { schedule: [Number.NaN] },
  { schedule: [2 ** 31] },
  { timeScale: -1 },
  { timeoutMs: Number.POSITIVE_INFINITY },
])('durations that no timer can wait are an error: %o', (options) => {
  expect(() => createSender({ provider: 'sematryx', url, secret, ...options })).toThrow(RangeError)
})

test('an onAttempt that rejects is the rejection of what was sent', async () => {
  const receiver = await startReceiver(answerWith(200))
  const sender = createSender({ provider: 'jaot', url: receiver.url, secret, clock: fakeClock() })
  const onAttempt = () => Promise.reject(new Error('of a listener'))
  await expect(sender.send(sampleEvent('jaot', 'unknown.type'), { onAttempt })).rejects.toThrow(
    'of a listener',
  )
  sender.close()
})
