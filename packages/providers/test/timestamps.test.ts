import { manualClock } from '@hookport/core/testing'
import { jaotReceiver } from '@hookport/providers/jaot'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { feedReceiver, heldUnreadable, received } from '@hookport/testkit/receivers'
import {
  jaotSecret,
  sematryxSecret,
  signedJaot,
  signedSematryx,
  testTime,
} from '@hookport/testkit/signed-deliveries'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

const anyAge = { clock: manualClock(testTime), maxAge: Number.POSITIVE_INFINITY }

const providers = [
  {
    provider: 'sematryx',
    feed: () => feedReceiver(sematryxReceiver({ logger: false, secret: sematryxSecret, ...anyAge })),
    dated: (time: unknown) => signedSematryx({ created_at: time }),
  },
  {
    provider: 'jaot',
    feed: () => feedReceiver(jaotReceiver({ logger: false, secret: jaotSecret, ...anyAge })),
    dated: (time: unknown) => signedJaot('credits.low', { timestamp: time }),
  },
]

const readable: [string, string][] = [
  ['2026-02-19T06:00:15Z', '2026-02-19T06:00:15.000Z'],
  ['2026-02-19T06:00:15.123Z', '2026-02-19T06:00:15.123Z'],
  ['2026-02-19T06:00:15.123456+00:00Z', '2026-02-19T06:00:15.123Z'],
  ['2026-02-19T06:00:15.999999+00:00Z', '2026-02-19T06:00:15.999Z'],
  ['2026-02-19T06:00:15+00:00Z', '2026-02-19T06:00:15.000Z'],
  ['2026-02-19T06:00:15.123456+05:30Z', '2026-02-19T00:30:15.123Z'],
  ['2026-02-19T06:00:15.123456+00:00', '2026-02-19T06:00:15.123Z'],
  ['2026-02-19T06:00:15-05:00', '2026-02-19T11:00:15.000Z'],
  ['2026-02-19T06:00:15-0500', '2026-02-19T11:00:15.000Z'],
  ['2026-02-19 06:00:15.5Z', '2026-02-19T06:00:15.500Z'],
]

const unreadable: [string, unknown][] = [
  ['missing', undefined],
  ['null', null],
  ['empty', ''],
  ['the number 1', 1],
  ['the text "1"', '1'],
  ['Unix seconds', 1771480815],
  ['Unix seconds as text', '1771480815'],
  ['a year', '2026'],
  ['a date without a time', '2026-02-19'],
  ['a time without a date', '06:00:15Z'],
  ['a thirteenth month', '2026-13-19T06:00:15Z'],
  ['a 25th hour', '2026-02-19T25:00:15Z'],
  ['an offset of 99 hours', '2026-02-19T06:00:15+99:00'],
  ['a date for people', 'Thu, 19 Feb 2026 06:00:15 GMT'],
  ['followed by more', '2026-02-19T06:00:15Z or so'],
  ['preceded by a blank', ' 2026-02-19T06:00:15Z'],
  ['in a list', ['2026-02-19T06:00:15Z']],
]

describe.each(providers)('$provider', ({ feed, dated }) => {
  test.each(readable)('%s is the instant %s', async (written, instant) => {
    const { deliver, handled } = feed()
    expect(await deliver(dated(written))).toEqual(received)
    expect(handled.map(({ createdAt }) => createdAt.toISOString())).toEqual([instant])
  })

  test.each(unreadable)('a time that is %s makes the payload invalid', async (_, written) => {
    const { deliver, handled } = feed()
    expect(await deliver(dated(written))).toEqual(heldUnreadable)
    expect(handled).toEqual([])
  })

  describe('on a machine in New York', () => {
    beforeEach(() => {
      vi.stubEnv('TZ', 'America/New_York')
      expect(new Date('2026-02-19T06:00:15').toISOString()).toBe('2026-02-19T11:00:15.000Z')
    })
    afterEach(() => vi.unstubAllEnvs())

    test('a time without an offset is UTC', async () => {
      const { deliver, handled } = feed()
      expect(await deliver(dated('2026-02-19T06:00:15.123456'))).toEqual(received)
      expect(handled.map(({ createdAt }) => createdAt.toISOString())).toEqual(['2026-02-19T06:00:15.123Z'])
    })
  })
})
