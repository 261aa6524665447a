import { sematryx } from '@hookport/providers/sematryx'
import { RawConnection } from '@hookport/testkit/http/raw-connection'
import { serving } from '@hookport/testkit/http/serving'
import { describe, expect, test } from 'vitest'
import { adapters } from './support/adapters.ts'
import { allRead, bytesInUse } from './support/bytes-in-use.ts'
import { body, hmac, request, secrets, signed, signedAs } from './support/forge.ts'
import { Seen, watchedReceiver } from './support/watched-receiver.ts'

const kib = 1024
const strangers = 500
const maxBytesInFlight = 4 * 1024 * kib
/** Longer than a slow machine takes. */
const bodyTimeout = 60_000
const content = Buffer.alloc(256 * kib, ' ')
/** All of a body but its last byte. */
const unended = request(content, { lines: [signedAs(hmac(content, 'a guess'))] }).subarray(0, -1)
/** As many whole bodies as there is room for. */
const room = maxBytesInFlight / content.length
/** Bodies that grow take twice their bytes at most. Two ends of each connection are in this process. */
const mostBytes = 2 * maxBytesInFlight + strangers * 64 * kib

describe.each(Object.entries(adapters))('%s', (_, serve) => {
  const seen = new Seen()
  const receiver = watchedReceiver(sematryx({ secret: secrets.sematryx }), seen, {
    maxBytesInFlight,
    bodyTimeout,
  })
  const app = serving(() => serve({ '/sematryx': receiver }, () => {}))

  test('A622: 500 bodies at once take up what maxBytesInFlight says, and shut nobody out', async () => {
    expect(strangers * content.length).toBeGreaterThan(2 * mostBytes)
    await allRead()
    const before = bytesInUse()
    const connections = await Promise.all(
      Array.from({ length: strangers }, () => RawConnection.open(app.origin)),
    )
    await Promise.all(connections.map((connection) => connection.write(unended)))
    await allRead()
    expect(bytesInUse() - before).toBeLessThan(mostBytes)

    const genuine = await RawConnection.open(app.origin)
    await genuine.write(signed(body(Date.now())))
    expect(await genuine.replies(1)).toMatchObject([{ status: 200 }])
    genuine.hangUp()

    const refused = () => seen.rejected.filter(({ code }) => code === 'unavailable').length
    await expect.poll(refused, { timeout: 20_000 }).toBeGreaterThanOrEqual(strangers - room) // the last bytes may still be on their way
    expect(refused()).toBeLessThan(strangers)
    expect(seen.lines.filter(({ details }) => details.code === 'unavailable')).toHaveLength(10)
    for (const connection of connections) connection.hangUp()
    await receiver.idle()
    expect(seen.handled).toHaveLength(1)
  }, 120_000)
})
