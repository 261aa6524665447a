import { createHmac } from 'node:crypto'
import { completeClock, defineProvider } from '@hookport/core'
import { verifySignature } from './measurements/core-internals.ts'
import { secret } from './servers/secrets.ts'
import { percentile } from './statistics/percentile.ts'
import { welch } from './statistics/welch.ts'

/**
 * Does the time that a refusal takes tell how much of a forged signature was right? Two forgeries are verified many times, in an
 * order drawn by lot: one is wrong in its first byte, the other in its last. Welch's t says whether their times differ. Under 4.5,
 * the usual bound (dudect), they can't be told apart. A comparison that stops at the first difference is measured in the same way:
 * it shows that the measurement would notice.
 *
 * `node --conditions=@hookport/source bench/constant-time.ts [samples]`
 */
const samples = Number(process.argv[2] ?? 400_000)
const usualBound = 4.5

const body = Buffer.from('{"id":"evt_1"}')
const genuine = createHmac('sha256', secret).update(body).digest()
const wrongFirst = genuine.map((byte, index) => (index === 0 ? byte ^ 1 : byte))
const wrongLast = genuine.map((byte, index) => (index === 31 ? byte ^ 1 : byte))

const provider = defineProvider({
  name: 'bench',
  secret,
  retryHorizon: 0,
  events: {},
  signatureHeaders: ['x-bench-signature'],
  readSignature: () => 'missing',
  readEnvelope: () => ({ id: undefined, type: 'bench', createdAt: undefined }),
})
const patience = { acceptTimeout: 3_000, maxBytesInFlight: 1e6, clock: completeClock() }
const delivery = { method: 'POST', url: '/', headers: new Headers(), readBody: () => body }

type Verify = (digest: Uint8Array) => unknown

async function verify(digest: Uint8Array): Promise<void> {
  try {
    await verifySignature(provider, { digests: [digest] }, body, delivery, patience)
  } catch {}
}

function compareWithEarlyExit(digest: Uint8Array): boolean {
  for (let index = 0; index < 32; index++) if (digest[index] !== genuine[index]) return false
  return true
}

print(`${samples} samples of each, interleaved; |t| under ${usualBound} is no difference`)
print(`verifySignature:            t = ${await measure(verify)}`)
print(`a comparison that stops:    t = ${await measure(compareWithEarlyExit)}`)

async function measure(judge: Verify): Promise<string> {
  for (let warm = 0; warm < 20_000; warm++) await judge(warm % 2 ? wrongFirst : wrongLast)
  const times = { first: [] as number[], last: [] as number[] }
  while (times.first.length < samples || times.last.length < samples) {
    const which = Math.random() < 0.5 ? 'first' : 'last'
    const digest = Buffer.from(which === 'first' ? wrongFirst : wrongLast) // a copy: where it lies in memory tells nothing
    const startedAt = process.hrtime.bigint()
    await judge(digest)
    times[which].push(Number(process.hrtime.bigint() - startedAt))
  }
  const bound = percentile([...times.first, ...times.last], 90) // above it, the machine was busy with something else
  const t = welch(times.first.filter(under(bound)), times.last.filter(under(bound)))
  return `${t.toFixed(2)} of the quickest 90%, ${welch(times.first, times.last).toFixed(2)} of all`
}

function under(bound: number) {
  return (time: number) => time < bound
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
