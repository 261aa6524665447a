import { performance } from 'node:perf_hooks'
import { sematryx } from '@hookport/providers/sematryx'
import { RawConnection } from '@hookport/testkit/http/raw-connection'
import { serving } from '@hookport/testkit/http/serving'
import { describe, expect, test } from 'vitest'
import { adapters } from './support/adapters.ts'
import { body, request, secrets, signed } from './support/forge.ts'
import { Seen, watchedReceiver } from './support/watched-receiver.ts'

/** Sematryx hangs up after 5 s. A machine under load is slow; a receiver that is flooded may not be stopped. */
const patienceMs = 5_000
const floods = 16
const signedDeliveries = 20

describe.each(Object.entries(adapters))('%s', (_, serve) => {
  const seen = new Seen()
  const receiver = watchedReceiver(sematryx({ secret: secrets.sematryx }), seen, {})
  const app = serving(() => serve({ '/sematryx': receiver }, () => {}))

  test('A620: in a flood of unsigned requests, signed ones are answered, each within its sender’s patience', async () => {
    const flooding = new AbortController()
    const flood = Promise.all(Array.from({ length: floods }, () => floodUntil(flooding.signal, app.origin)))
    const durations: number[] = []
    for (let sent = 0; sent < signedDeliveries; sent++) {
      const connection = await RawConnection.open(app.origin)
      const startedAt = performance.now()
      await connection.write(signed(body(Date.now())))
      expect(await connection.replies(1)).toMatchObject([{ status: 200 }])
      durations.push(performance.now() - startedAt)
      connection.hangUp()
    }
    flooding.abort()
    const refused = (await flood).reduce((sum, count) => sum + count, 0)
    await receiver.idle()
    expect(refused).toBeGreaterThan(signedDeliveries)
    expect(Math.max(...durations)).toBeLessThan(patienceMs)
    expect(seen.handled).toHaveLength(signedDeliveries)
    expect(seen.parsed).toHaveLength(signedDeliveries)
    expect(seen.stored).toHaveLength(signedDeliveries)
  })
})

/** Sends ten unsigned requests at once, over and over. Answers how many were refused. */
async function floodUntil(signal: AbortSignal, origin: string): Promise<number> {
  const unsigned = Buffer.concat(Array.from({ length: 10 }, () => request(Buffer.alloc(100), {})))
  let refused = 0
  while (!signal.aborted) {
    const connection = await RawConnection.open(origin)
    await connection.write(unsigned)
    const replies = await connection.replies(10)
    expect(replies.map(({ status }) => status)).toEqual(Array(10).fill(401))
    refused += replies.length
    connection.hangUp()
  }
  return refused
}
