import { sematryx } from '@hookport/providers/sematryx'
import { RawConnection } from '@hookport/testkit/http/raw-connection'
import { serving } from '@hookport/testkit/http/serving'
import { describe, expect, test } from 'vitest'
import { adapters } from './support/adapters.ts'
import { allRead, bytesInUse } from './support/bytes-in-use.ts'
import { chunked, hmac, request, secrets, signedAs } from './support/forge.ts'
import { Seen, watchedReceiver } from './support/watched-receiver.ts'

const strangers = 3
const maxBodyBytes = 128 * 1024
/** Longer than a slow machine takes. */
const bodyTimeout = 60_000
const end = '0\r\n\r\n'
const content = Buffer.alloc(maxBodyBytes, ' ')
const head = request(Buffer.alloc(0), {
  lines: [signedAs(hmac(content, 'a guess')), 'Transfer-Encoding: chunked'],
  length: false,
})
const unended = Buffer.concat([head, chunked(content, { size: 1, end: '' })])
/** A body that grows takes twice its bytes at most; connections, and what the process does besides, come on top. */
const mostBytes = strangers * maxBodyBytes * 2 + 4 * 1024 * 1024

describe.each(Object.entries(adapters))('%s', (_, serve) => {
  const receiver = watchedReceiver(sematryx({ secret: secrets.sematryx }), new Seen(), {
    maxBodyBytes,
    bodyTimeout,
  })
  const app = serving(() => serve({ '/sematryx': receiver }, () => {}))

  test('A621: bodies at the full limit in chunks of a byte take up memory in proportion to their bytes, and are refused', async () => {
    await allRead()
    const before = bytesInUse()
    const connections = await Promise.all(
      Array.from({ length: strangers }, () => RawConnection.open(app.origin)),
    )
    await Promise.all(connections.map((connection) => connection.write(unended)))
    await allRead()
    expect(bytesInUse() - before).toBeLessThan(mostBytes)
    for (const connection of connections) {
      await connection.write(Buffer.from(end))
      expect(await connection.replies(1)).toMatchObject([{ status: 401 }])
      connection.hangUp()
    }
  }, 60_000)
})
