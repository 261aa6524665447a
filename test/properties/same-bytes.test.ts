import { manualClock } from '@hookport/core/testing'
import { RawConnection } from '@hookport/testkit/http/raw-connection'
import { serving } from '@hookport/testkit/http/serving'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adapters } from '../attacks/support/adapters.ts'
import { chunked, fresh } from '../attacks/support/forge.ts'
import { Seen, watchedReceiver } from '../attacks/support/watched-receiver.ts'
import { hold, timeout, title } from './support/fuzz.ts'
import { now, senders } from './support/senders.ts'

const spaces = fc.constantFrom('', ' ', '\n', '\r\n\t', ' '.repeat(2_000))
const framings = fc.oneof(fc.constant(undefined), fc.integer({ min: 1, max: 5_000 }))

describe.each(Object.entries(adapters))(`%s: ${title} / 100`, (_, serve) => {
  const seen = new Seen()
  const receivers = Object.fromEntries(
    Object.entries(senders).map(([name, { provider }]) => [
      `/${name}`,
      watchedReceiver(provider, seen, { clock: manualClock(now) }),
    ]),
  )
  const thrown: unknown[] = []
  const app = serving(() => serve(receivers, (error) => thrown.push(error)))

  test('what is signed and sent is what the handler is given, byte for byte', { timeout }, () =>
    hold(
      fc.asyncProperty(
        fc.constantFrom(...Object.entries(senders)),
        fc.json({ stringUnit: 'binary' }),
        spaces,
        framings,
        async ([name, sender], json, space, chunkSize) => {
          seen.forget()
          const event = JSON.stringify(sender.write(`evt_${fresh()}`, {})).slice(0, -1)
          const body = Buffer.from(`${space}${event},${space}"text": ${json}}${space}`)
          const headers = sender.sign(body, 0, `msg_${fresh()}`)
          const connection = await RawConnection.open(app.origin)
          await connection.write(written(`/${name}`, headers, body, chunkSize))
          expect(await connection.replies(1)).toMatchObject([{ status: 200 }])
          connection.hangUp()
          await receivers[`/${name}`]?.idle()
          expect(seen.handled).toHaveLength(1)
          expect(Buffer.compare(seen.handled[0]?.rawBody ?? Buffer.alloc(0), body)).toBe(0)
          expect(thrown).toEqual([])
        },
      ),
      100,
    ),
  )
})

function written(
  path: string,
  headers: Record<string, string>,
  body: Buffer,
  chunkSize: number | undefined,
): Buffer {
  const framing = chunkSize === undefined ? `Content-Length: ${body.length}` : 'Transfer-Encoding: chunked'
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const head = [`POST ${path} HTTP/1.1`, 'Host: localhost', ...lines, framing, '', ''].join('\r\n')
  return Buffer.concat([
    Buffer.from(head),
    chunkSize === undefined ? body : chunked(body, { size: chunkSize }),
  ])
}
