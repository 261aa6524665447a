import { describe, expect, test } from 'vitest'
import { acme, acmeSecret, post, sign, signedPost } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'
import { collectUnhandledRejections, rejectionsReported } from '../support/unhandled-rejections.ts'

const body = JSON.stringify(paidOrder(start))
const misconfigured = { status: 500, body: '{"error":"misconfigured"}' }

/** A receiver of a definition that is wrong in a way that shows only when it is asked. */
function receiving(changes: object) {
  return acmeReceiver({ provider: acme({ secret: acmeSecret, ...changes } as never) })
}

test.each([undefined, null, 'missing'])('a signature read as %s is missing: 401', async (reading) => {
  const { receiver } = receiving({ readSignature: () => reading })
  expect(await receiver.receive(signedPost(body))).toMatchObject({
    status: 401,
    body: '{"error":"missing_signature"}',
  })
})

test('what readSignature throws is told to the operator with its name, and the sender tries again', async () => {
  const { receiver, log } = receiving({
    readSignature: () => {
      throw new TypeError('headers.raw is not a function')
    },
  })
  expect(await receiver.receive(signedPost(body))).toMatchObject(misconfigured)
  expect(log.at('error')[0]?.message).toContain(
    'acme: readSignature threw TypeError: headers.raw is not a function',
  )
})

const digests = [Buffer.from(sign(body), 'hex')]

test.each<[string, unknown]>([
  ['a promise', Promise.resolve('missing')],
  ['a string', 'absent'],
  ['a boolean', true],
  ['a claim whose digests are not a list', {}],
  ['a claim whose digests are not a list', { digests: digests[0] }],
  ['a claim with a digest that is not a Uint8Array', { digests: [sign(body)] }],
  ['a claim with a digest that is not a Uint8Array', { digests: [undefined] }],
  ['a claim whose signedAt is not a number', { digests, signedAt: '1700000000' }],
  ['a claim whose maxAge is not a number', { digests, maxAge: Number.NaN }],
  ['a claim whose signedPrefix is not a string', { digests, signedPrefix: 1700000000 }],
  ['a claim whose signedSuffix is not a string', { digests, signedSuffix: null }],
  ['a claim whose otherSignedPrefixes are not a list', { digests, otherSignedPrefixes: 'https://a.b' }],
  ['a claim whose otherSignedPrefixes are not a list', { digests, otherSignedPrefixes: [5] }],
  ['a claim whose signedFields is not a function', { digests, signedFields: 'a' }],
  ['a claim whose signedBodySha256 is not a Uint8Array', { digests, signedBodySha256: 'a' }],
  ['a claim with an unknown field (signAt; did you mean signedAt?)', { digests, signAt: 1 }],
])('a signature read as %s is told as the fault of the definition', async (found, reading) => {
  const { receiver, log } = receiving({ readSignature: () => reading })
  expect(await receiver.receive(signedPost(body))).toMatchObject(misconfigured)
  expect(log.at('error')[0]?.message).toContain(`acme: readSignature returned ${found}`)
})

test('a signed time that is no number, out of a header, is a signature that is malformed', async () => {
  const { receiver } = receiving({ readSignature: () => ({ digests, signedAt: Number('x') }) })
  expect(await receiver.receive(signedPost(body))).toMatchObject({ status: 401 })
})

test('a signedFields that returns no text is told as the fault of the definition', async () => {
  const { receiver, log } = receiving({ readSignature: () => ({ digests, signedFields: () => 5 }) })
  expect(await receiver.receive(signedPost(body))).toMatchObject(misconfigured)
  expect(log.at('error')[0]?.message).toContain('acme: signedFields returned a number')
})

test('what signedFields throws is told as what readSignature throws', async () => {
  const { receiver, log } = receiving({
    readSignature: () => ({
      digests,
      signedFields: () => {
        throw new RangeError('no fields')
      },
    }),
  })
  expect(await receiver.receive(post('a=b'))).toMatchObject(misconfigured)
  expect(log.at('error')[0]?.message).toContain('acme: signedFields threw RangeError: no fields')
})

test.each<[string, object]>([
  [
    'the definition of acme threw TypeError: no such field',
    {
      readEnvelope: () => {
        throw new TypeError('no such field')
      },
    },
  ],
  [
    'the definition of acme threw Error: not mine',
    {
      body: () => {
        throw new Error('not mine')
      },
    },
  ],
  [
    "the definition of acme threw what can't be read",
    {
      readEnvelope: () => {
        throw Object.create(null)
      },
    },
  ],
  ['readEnvelope returned undefined', { readEnvelope: () => undefined }],
  ['its time is not a Date', { readEnvelope: () => ({ id: '1', type: 't', createdAt: start }) }],
  ['its time is not a Date', { readEnvelope: () => ({ id: '1', type: 't', createdAt: null }) }],
])('a body that can not be read because %s is held, and says so', async (reason, changes) => {
  const { receiver } = receiving(changes)
  expect(await receiver.receive(signedPost(body))).toMatchObject({ status: 200 })
  const { items } = await receiver.inbox.list({ state: 'dead' })
  expect(items.flatMap(({ failures }) => failures.map(({ message }) => message))).toEqual([
    `the body is authentic, but ${reason}`,
  ])
})

describe('a promise in place of an answer, as of an async function that was compiled, is named and ends no process where it rejects:', () => {
  const late = () => Promise.reject(new Error('late'))
  const told: Record<string, [field: string, changes: object]> = {
    readSignature: ['readSignature returned a promise', { readSignature: late }],
    signedFields: [
      'signedFields returned a promise',
      { readSignature: () => ({ digests, signedFields: late }) },
    ],
    readEnvelope: ['readEnvelope returned a promise', { readEnvelope: late }],
    body: ['body returned a promise', { body: late }],
    readData: ['readData returned a promise', { readData: late }],
    decodeSecret: ['decodeSecret returned a promise', { secret: () => acmeSecret, decodeSecret: late }],
    'decodeSecret of a public key': [
      'decodeSecret returned a promise',
      { algorithm: 'ed25519', secret: () => acmeSecret, decodeSecret: late },
    ],
  }
  test.each(Object.entries(told))('%s', async (_, [found, changes]) => {
    const rejections = collectUnhandledRejections()
    const { receiver, log } = receiving(changes)
    receiver.onAnyEvent(() => {})
    await receiver.receive(signedPost(body))
    await receiver.idle()
    await rejectionsReported()
    expect(rejections).toEqual([])
    expect(described(log.lines)).toContain(found)
  })

  test('resignedContent, which anybody can have called', async () => {
    const rejections = collectUnhandledRejections()
    const { receiver } = receiving({ resignedContent: late })
    const delivery = post(body, { 'x-acme-signature': sign('another body') })
    expect(await receiver.receive(delivery)).toMatchObject({ status: 401 })
    await rejectionsReported()
    expect(rejections).toEqual([])
  })

  test('handshake.get, which anybody can have called', async () => {
    const rejections = collectUnhandledRejections()
    const { receiver } = receiving({ handshake: { get: late } })
    expect(await receiver.receive({ ...post(''), method: 'GET' })).toMatchObject(misconfigured)
    await rejectionsReported()
    expect(rejections).toEqual([])
  })
})

/** All that was logged, with the errors in it. */
function described(lines: readonly object[]): string {
  return JSON.stringify(lines, (_, value) => (value instanceof Error ? value.message : value))
}
