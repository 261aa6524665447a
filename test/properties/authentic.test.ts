import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hold, timeout, title } from './support/fuzz.ts'
import { acceptingReceiver, delivery } from './support/receive.ts'
import { senders } from './support/senders.ts'

const bytes = fc.uint8Array({ maxLength: 200 })

/** Bytes, and the same bytes or some that are nearly the same. */
const pairs = bytes.chain((signed) =>
  fc.tuple(
    fc.constant(signed),
    fc.oneof(
      fc.constant(Uint8Array.from(signed)),
      bytes,
      bytes.map((more) => Uint8Array.of(...signed, ...more)),
      fc.nat(signed.length).map((length) => signed.subarray(0, length)),
      fc.constant(Uint8Array.from(signed).reverse()),
      fc.constant(Buffer.from(Buffer.from(signed).toString('utf8'))),
    ),
  ),
)

describe.each(Object.entries(senders))(`%s: ${title}`, (_, { provider, sign, signatureHeader, write }) => {
  const receiver = acceptingReceiver(provider)

  test('exactly the bytes that were signed are believed', { timeout }, () =>
    hold(
      fc.asyncProperty(pairs, async ([signed, sent]) => {
        const { status } = await receiver.receive(delivery(sent, sign(signed)))
        expect(status !== 401).toBe(Buffer.compare(signed, sent) === 0)
      }),
    ),
  )

  test('a body of which any single bit was flipped is refused', { timeout }, () =>
    hold(
      fc.asyncProperty(fc.jsonValue(), fc.nat(), async (data, position) => {
        const body = Buffer.from(JSON.stringify(write('evt_1', data)))
        const headers = sign(body)
        flipBit(body, position)
        expect((await receiver.receive(delivery(body, headers))).status).toBe(401)
      }),
    ),
  )

  test('a signature of which any single bit was flipped is refused', { timeout }, () =>
    hold(
      fc.asyncProperty(bytes, fc.nat(), async (body, position) => {
        const headers = sign(body)
        const signature = Buffer.from(headers[signatureHeader] ?? '', 'latin1')
        flipBit(signature, position)
        const forged = { ...headers, [signatureHeader]: signature.toString('latin1') }
        expect((await receiver.receive(delivery(body, forged))).status).toBe(401)
      }),
    ),
  )

  test.each(Array.from({ length: 12 }, (_, number) => `{"number":${number}}`))(
    'there is no bit in the signature of %s that may be flipped',
    async (text) => {
      const body = Buffer.from(text)
      const headers = sign(body)
      const signature = Buffer.from(headers[signatureHeader] ?? '', 'latin1')
      for (let position = 0; position < signature.length * 8; position++) {
        flipBit(signature, position)
        const forged = { ...headers, [signatureHeader]: signature.toString('latin1') }
        expect((await receiver.receive(delivery(body, forged))).status).toBe(401)
        flipBit(signature, position)
      }
    },
  )
})

function flipBit(bytes: Uint8Array, position: number): void {
  const index = (position >> 3) % bytes.length
  bytes[index] = (bytes[index] as number) ^ (1 << (position & 7))
}
