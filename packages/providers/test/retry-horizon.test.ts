import { ConfigurationError } from '@hookport/core'
import { jaotReceiver } from '@hookport/providers/jaot'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { responseDeadlines, retrySchedules } from '@hookport/sender'
import { expect, test } from 'vitest'

const sum = (delays: readonly number[]) => delays.reduce((total, delay) => total + delay)
const longest = {
  sematryx: sum(retrySchedules.sematryx) + 6 * responseDeadlines.sematryx,
  jaot: sum(retrySchedules.jaot) + 4 * responseDeadlines.jaot.documented,
}

test.each([
  ['sematryx', sematryxReceiver, longest.sematryx],
  ['jaot', jaotReceiver, longest.jaot],
] as const)(
  'a dedupeWindow as long as %s retries, waits and attempts together, is long enough',
  async (_, makeReceiver, dedupeWindow) => {
    await expect(makeReceiver({ secret: 'secret', dedupeWindow }).stop()).resolves.toBeUndefined()
  },
)

test.each([
  ['sematryx', sematryxReceiver, longest.sematryx],
  ['jaot', jaotReceiver, longest.jaot],
] as const)(
  'a dedupeWindow shorter than %s retries is an error that says both figures',
  (provider, makeReceiver, horizon) => {
    const construct = () => makeReceiver({ secret: 'secret', dedupeWindow: horizon - 1 })
    expect(construct).toThrow(ConfigurationError)
    expect(construct).toThrow(`dedupeWindow is ${horizon - 1} ms`)
    expect(construct).toThrow(`${provider} retries a delivery for ${horizon} ms`)
  },
)
