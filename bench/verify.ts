import { createHmac, createSecretKey, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readHexDigest } from '../packages/core/src/bytes/digests.ts'
import { equalDigests, hmacSha256 } from '../packages/core/src/bytes/hmac-sha256.ts'
import { median } from './statistics.ts'

export interface VerifyResult {
  readonly name: string
  readonly bodyBytes: number
  readonly secrets: number
  /** Microseconds for one verification: ours, by hand, and the bare SHA-256 of the body. */
  readonly oursMicros: number
  readonly byHandMicros: number
  readonly bareHashMicros: number
}

const key = Buffer.from('benchmark-secret-of-some-length')

/** Verification in this process, in short interleaved slices. */
export function measureVerify(rounds: number): VerifyResult[] {
  const cases = [
    { name: '400 B', bodyBytes: 400, secrets: 1 },
    { name: '400 B, five secrets', bodyBytes: 400, secrets: 5 },
    { name: '16 KiB', bodyBytes: 16 * 1024, secrets: 1 },
    { name: '1 MiB', bodyBytes: 1024 * 1024, secrets: 1 },
  ]
  return cases.map((one) => measure(one, rounds))
}

function measure(
  { name, bodyBytes, secrets }: Pick<VerifyResult, 'name' | 'bodyBytes' | 'secrets'>,
  rounds: number,
): VerifyResult {
  const body = randomBytes(bodyBytes)
  const header = createHmac('sha256', key).update(body).digest('hex')
  const hmacs = Array.from({ length: secrets }, () => hmacSha256(key))
  const keys = Array.from({ length: secrets }, () => createSecretKey(key))
  const ours = () => {
    const digest = readHexDigest(header) as Uint8Array
    return hmacs.filter((hmac) => equalDigests(hmac(body) as Uint8Array, digest)).length
  }
  const byHand = () => {
    const given = Buffer.from(header)
    const matches = (secret: (typeof keys)[number]) => {
      const expected = Buffer.from(createHmac('sha256', secret).update(body).digest('hex'))
      return expected.length === given.length && timingSafeEqual(expected, given)
    }
    return keys.filter(matches).length
  }
  const bareHash = () => hash('sha256', body, 'buffer').length
  const [oursMicros, byHandMicros, bareHashMicros] = interleave([ours, byHand, bareHash], bodyBytes, rounds)
  return { name, bodyBytes, secrets, oursMicros, byHandMicros, bareHashMicros } as VerifyResult
}

/** Median microseconds for each. */
function interleave(tasks: readonly (() => number)[], bodyBytes: number, rounds: number): number[] {
  const repeat = Math.max(5, Math.floor(4_000_000 / (bodyBytes + 2000)))
  const slices = tasks.map((): number[] => [])
  for (let round = 0; round < rounds + 3; round++) {
    for (const [index, task] of tasks.entries()) {
      const startedAt = performance.now()
      for (let run = 0; run < repeat; run++) if (task() === 0) throw new Error('a verification failed')
      if (round >= 3) slices[index]?.push(((performance.now() - startedAt) * 1000) / repeat)
    }
  }
  return slices.map(median)
}
