import { isMainThread } from 'node:worker_threads'
import { manualClock } from '@hookport/core/testing'
import { jaotReceiver } from '@hookport/providers/jaot'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { feedReceiver, heldUnreadable, received } from '@hookport/testkit/receivers/feed-receiver'
import {
  jaotSecret,
  sematryxSecret,
  signedJaot,
  signedSematryx,
  testTime,
} from '@hookport/testkit/receivers/signed-deliveries'
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
  // datetime.isoformat(timespec=…) and str(datetime), naive and aware
  ['2026-02-19T06+00:00', '2026-02-19T06:00:00.000Z'],
  ['2026-02-19T06:07+00:00', '2026-02-19T06:07:00.000Z'],
  ['2026-02-19T06:07', '2026-02-19T06:07:00.000Z'],
  ['2026-02-19T06:00:15.123+00:00', '2026-02-19T06:00:15.123Z'],
  ['2026-02-19 06:00:15.123456+00:00', '2026-02-19T06:00:15.123Z'],
  ['2026-02-19 06:00:15', '2026-02-19T06:00:15.000Z'],
  ['2026-02-19T06:00:15+05:53:28', '2026-02-19T00:06:47.000Z'],
  ['2026-02-19T06:00:15+05:53:28.000001', '2026-02-19T00:06:47.000Z'],
  ['0001-01-01T00:00:00+00:00', '0001-01-01T00:00:00.000Z'],
  // Postgres, and ISO 8601 with a comma
  ['2026-02-19 06:00:15.123456+00', '2026-02-19T06:00:15.123Z'],
  ['2026-02-19 06:00:15-05', '2026-02-19T11:00:15.000Z'],
  ['2026-02-19T06:00:15,123Z', '2026-02-19T06:00:15.123Z'],
  // RFC 3339
  ['2026-02-19t06:00:15z', '2026-02-19T06:00:15.000Z'],
  ['2026-02-19T06:00:15.123456789123Z', '2026-02-19T06:00:15.123Z'],
  ['2026-02-19T06:00:15-00:00', '2026-02-19T06:00:15.000Z'],
  ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
  ['1990-12-31T15:59:60-08:00', '1991-01-01T00:00:00.000Z'],
  ['1996-12-19T16:39:57-08:00', '1996-12-20T00:39:57.000Z'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
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
  ['the 29th of February in a common year', '2026-02-29T06:00:15Z'],
  ['the 31st of April', '2026-04-31T06:00:15Z'],
  ['the 0th of a month', '2026-04-00T06:00:15Z'],
  ['a 60th minute', '2026-02-19T06:60:15Z'],
  ['a 61st second', '2026-02-19T06:00:61Z'],
  ['a fraction of no digits', '2026-02-19T06:00:15.Z'],
  ['a fraction of a minute', '2026-02-19T06:00.5Z'],
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

  // a thread, in which mutants are tried, can't move to another time zone
  describe.runIf(isMainThread)('on a machine in New York', () => {
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
