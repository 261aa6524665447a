import { manualClock } from '@hookport/core/testing'
import { sematryx } from '@hookport/providers/sematryx'
import { RawConnection } from '@hookport/testkit/http/raw-connection'
import { serving } from '@hookport/testkit/http/serving'
import { describe, expect, test } from 'vitest'
import { adapters } from './support/adapters.ts'
import { body, secrets, signed } from './support/forge.ts'
import { Seen, watchedReceiver } from './support/watched-receiver.ts'

const day = 24 * 3600_000

describe.each(Object.entries(adapters))('%s', (_, serve) => {
  const clock = manualClock(Date.parse('2026-11-20T12:00:00Z'))
  const seen = new Seen()
  const receiver = watchedReceiver(sematryx({ secret: secrets.sematryx }), seen, { clock })
  const app = serving(() => serve({ '/sematryx': receiver }, () => {}))

  test('A640: a delivery that is sent again is a duplicate until it is too old: there is no instant between', async () => {
    const delivery = signed(body(clock.now()))
    const statuses: number[] = []
    const send = async () => {
      const connection = await RawConnection.open(app.origin)
      await connection.write(delivery)
      statuses.push(...(await connection.replies(1)).map(({ status }) => status))
      connection.hangUp()
    }
    await send()
    for (const wait of [day, day, day - 1, 1, 1, 30 * day]) {
      await clock.advance(wait)
      await send()
    }
    await receiver.idle()
    expect(statuses).toEqual([200, 200, 200, 200, 400, 400, 400])
    expect(seen.handled).toHaveLength(1)
    expect(seen.rejected.map(({ code }) => code)).toEqual(Array(3).fill('stale_event'))
  })
})
