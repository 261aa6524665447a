import { manualClock } from '@hookport/core/testing'
import { sematryx } from '@hookport/providers/sematryx'
import { RawConnection } from '@hookport/testkit/http/raw-connection'
import { serving } from '@hookport/testkit/http/serving'
import { describe, expect, test } from 'vitest'
import { adapters } from './support/adapters.ts'
import { allRead, bytesInUse } from './support/bytes-in-use.ts'
import { body, hmac, request, secrets, signed, signedAs } from './support/forge.ts'
import { Seen, watchedReceiver } from './support/watched-receiver.ts'

const forgeries = 5_000
const connections = 10
const atOnce = 20
/** What the process does besides, and what this test takes down. */
const mostBytes = 12 * 1024 * 1024

describe.each(Object.entries(adapters))('%s', (_, serve) => {
  const clock = manualClock(Date.parse('2026-11-20T12:00:00Z'))
  const seen = new Seen()
  const receiver = watchedReceiver(sematryx({ secret: secrets.sematryx }), seen, { clock })
  const app = serving(() => serve({ '/sematryx': receiver }, () => {}))

  test('A623: 5,000 forgeries within a minute write ten lines, then one that counts the others, and leave nothing behind', async () => {
    await forge(app.origin, connections * atOnce) // first, what a server keeps for its connections
    await clock.advance(60_000)
    seen.forget()
    await allRead()
    const before = bytesInUse()
    await forge(app.origin, forgeries)
    await allRead()
    expect(bytesInUse() - before).toBeLessThan(mostBytes)

    expect(seen.rejected).toHaveLength(forgeries)
    expect(seen.lines).toHaveLength(10)
    await clock.advance(60_000)
    expect(seen.lines).toHaveLength(11)
    expect(seen.lines[10]?.details).toMatchObject({ code: 'invalid_signature', leftOut: forgeries - 10 })
    expect(seen.parsed).toEqual([])

    const genuine = await RawConnection.open(app.origin)
    await genuine.write(signed(body(clock.now())))
    expect(await genuine.replies(1)).toMatchObject([{ status: 200 }])
    genuine.hangUp()
    await receiver.idle()
  }, 120_000)
})

/** Sends forged requests over a few connections, and waits for all replies. */
async function forge(origin: string, total: number): Promise<void> {
  const content = body(0)
  const forged = request(content, { lines: [signedAs(hmac(content, 'a guess'))] })
  const batch = Buffer.concat(Array.from({ length: atOnce }, () => forged))
  const batches = total / connections / atOnce
  async function sendBatches(): Promise<void> {
    for (let sent = 0; sent < batches; sent++) {
      const connection = await RawConnection.open(origin)
      await connection.write(batch)
      const replies = await connection.replies(atOnce)
      expect(replies.map(({ status }) => status)).toEqual(Array(atOnce).fill(401))
      connection.hangUp()
    }
  }
  await Promise.all(Array.from({ length: connections }, sendBatches))
}
