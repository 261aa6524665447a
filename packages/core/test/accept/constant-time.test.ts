import crypto from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { verifySignature } from '../../src/accept/verify/verify-signature.ts'
import { hmacSha256 } from '../../src/bytes/hmac-sha256.ts'
import { completeClock } from '../../src/time/system-clock.ts'
import { acme, post, sign } from '../support/acme.ts'

const body = Buffer.from('{}')
const patience = { acceptTimeout: 3_000, maxBytesInFlight: 1e6, clock: completeClock() }
const secrets = ['one', 'two', 'three', 'four', 'five']

/** A provider with five secrets that counts what is computed under each. */
function counting() {
  const hmacs = secrets.map((secret) => vi.fn(hmacSha256(Buffer.from(secret))))
  const provider = { ...acme(), keys: hmacs }
  const compare = vi.spyOn(crypto, 'timingSafeEqual')
  return {
    compare,
    computed: () => hmacs.map((hmac) => hmac.mock.calls.length),
    verify: (digests: readonly Uint8Array[]) =>
      verifySignature(provider, { digests }, body, post(body), patience),
  }
}

const digestUnder = (secret: string) => Buffer.from(sign(body, secret), 'hex')

afterEach(() => vi.restoreAllMocks())

describe('with five secrets', () => {
  test.each([...secrets.entries()])(
    'all are tried and compared, though secret %i, “%s”, matches',
    async (index, secret) => {
      const { verify, computed, compare } = counting()
      expect(await verify([digestUnder(secret)])).toMatchObject({ secretIndex: index })
      expect(computed()).toEqual([1, 1, 1, 1, 1])
      expect(compare).toHaveBeenCalledTimes(5)
    },
  )

  test('as many are tried where none matches', async () => {
    const { verify, computed, compare } = counting()
    await expect(verify([digestUnder('six')])).rejects.toThrow('under any secret')
    expect(computed()).toEqual([1, 1, 1, 1, 1])
    expect(compare).toHaveBeenCalledTimes(5)
  })

  test('each of several digests is compared under each secret, though the first matches', async () => {
    const { verify, computed, compare } = counting()
    const digests = [digestUnder('one'), digestUnder('six'), digestUnder('seven')]
    expect(await verify(digests)).toMatchObject({ secretIndex: 0 })
    expect(computed()).toEqual([1, 1, 1, 1, 1])
    expect(compare).toHaveBeenCalledTimes(15)
  })

  test('the first that matches is the one that is told', async () => {
    const { verify } = counting()
    expect(await verify([digestUnder('four'), digestUnder('two')])).toMatchObject({ secretIndex: 1 })
  })
})

test('only digests of 32 bytes are compared: another length never comes to it', async () => {
  const { verify, compare } = counting()
  const digest = digestUnder('one')
  const others = [digest.subarray(0, 31), Buffer.concat([digest, Buffer.of(0)]), Buffer.alloc(0)]
  await expect(verify(others)).rejects.toThrow('under any secret')
  expect(compare).not.toHaveBeenCalled()
  await verify([digest])
  for (const [one, other] of compare.mock.calls) {
    expect(one.byteLength).toBe(32)
    expect(other.byteLength).toBe(32)
  }
})
