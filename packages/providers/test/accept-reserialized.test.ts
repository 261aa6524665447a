import { type SematryxOptions, sematryxReceiver } from '@hookport/providers/sematryx'
import { type SignedDelivery, signBody } from '@hookport/sender'
import { feedReceiver, invalidSignature, received } from '@hookport/testkit/receivers/feed-receiver'
import {
  sematryxOptions,
  sematryxSecret,
  signedSematryx,
} from '@hookport/testkit/receivers/signed-deliveries'
import { expect, test } from 'vitest'

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

function feed(options: Pick<SematryxOptions, 'acceptReserialized'>) {
  return feedReceiver(sematryxReceiver({ ...sematryxOptions, ...options }))
}

/** Spaced, so that what is signed is another text; with an integer and a float that JavaScript writes in another way. */
const body =
  '{"id": "evt_1", "type": "optimization.failed", "created_at": "2026-11-20T10:00:00Z", "data": {"evaluations": 9007199254740993, "fitness": 1.4e-05}}'
const reserialized =
  '{"id":"evt_1","type":"optimization.failed","created_at":"2026-11-20T10:00:00Z","data":{"evaluations":9007199254740992,"fitness":0.000014}}'

const signedReserialized = signBody({
  provider: 'sematryx',
  form: 'reserialized',
  secret: sematryxSecret,
  body,
})
const signedRaw = signBody({ provider: 'sematryx', secret: sematryxSecret, body })

test.each([
  ['by default', {}],
  ['when false', { acceptReserialized: false }],
  ['when undefined', { acceptReserialized: undefined }],
])('a signature over the re-serialised body is refused %s', async (_, options) => {
  const { deliver, handled } = feed(options)
  expect(await deliver(signedReserialized)).toEqual(invalidSignature)
  expect(await deliver(signedSematryx({}, 'reserialized'))).toEqual(invalidSignature)
  expect(handled).toEqual([])
})

test('a signature over the re-serialised body is accepted when asked for', async () => {
  const { deliver, handled } = feed({ acceptReserialized: true })
  expect(await deliver(signedSematryx({}, 'reserialized'))).toEqual(received)
  expect(handled).toHaveLength(1)
})

test('rawBody is then the text that was signed, not the bytes that came', async () => {
  const { deliver, handled } = feed({ acceptReserialized: true })
  expect(await deliver(signedReserialized)).toEqual(received)
  expect(handled.map(({ rawBody }) => textOf(rawBody))).toEqual([reserialized])
})

test('the raw body is tried first: what it matches keeps its bytes, integers beyond 2^53 too', async () => {
  const { deliver, handled } = feed({ acceptReserialized: true })
  expect(await deliver(signedRaw)).toEqual(received)
  expect(handled.map(({ rawBody }) => textOf(rawBody))).toEqual([body])
})

/** What JavaScript cannot tell from what was signed. */
test('a change that re-serialising loses does not reach the handlers', async () => {
  const { deliver, handled } = feed({ acceptReserialized: true })
  const changed = body.replace('9007199254740993', '9007199254740992.0000')
  expect(changed).not.toBe(body)
  expect(await deliver({ ...signedReserialized, body: Buffer.from(changed) })).toEqual(received)
  expect(handled.map(({ rawBody }) => textOf(rawBody))).toEqual([reserialized])
})

const forgeries: [string, SignedDelivery][] = [
  [
    'whose content was changed',
    { ...signedReserialized, body: Buffer.from(body.replace('1.4e-05', '1.5e-05')) },
  ],
  [
    'signed with another secret',
    signBody({ provider: 'sematryx', form: 'reserialized', secret: 'another', body }),
  ],
  ['that is no JSON', { ...signedReserialized, body: Buffer.from('{') }],
  ['that is not UTF-8', { ...signedReserialized, body: Buffer.from([0xff, 0xfe]) }],
  ['that is empty', { ...signedReserialized, body: Buffer.alloc(0) }],
  [
    'nested too deep to be written again',
    { ...signedReserialized, body: Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)) },
  ],
]

test.each(forgeries)('a body %s is refused all the same', async (_, forgery) => {
  const { deliver, handled } = feed({ acceptReserialized: true })
  expect(await deliver(forgery)).toEqual(invalidSignature)
  expect(handled).toEqual([])
})
