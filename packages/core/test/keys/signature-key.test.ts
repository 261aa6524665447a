import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { SignatureAlgorithm, SignatureClaim } from '@hookport/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { SignatureKey } from '../../src/contracts/provider/secret.ts'
import { decodePublicKey } from '../../src/keys/public-key.ts'

/** Where keys come from: Node's crypto, or the Web's. */
const platforms = ['Node', 'the Web'] as const
type Platform = (typeof platforms)[number]

/** A module reads once what its platform has. */
async function keysOn(platform: Platform) {
  vi.resetModules()
  if (platform === 'the Web') vi.stubGlobal('process', { ...process, getBuiltinModule: undefined })
  const { signatureAlgorithms } = await import('../../src/keys/signature-key.ts')
  const { matchesClaim } = await import('../../src/keys/matches-claim.ts')
  return { signatureAlgorithms, matchesClaim }
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

const pairs = {
  ed25519: [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')],
  'ecdsa-p256': [
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ],
} as const

const infoOf = (key: KeyObject) => key.export({ format: 'der', type: 'spki' })
const hmacOf = (hash: string) => (secret: string) => ({
  key: Buffer.from(secret),
  sign: (content: Buffer) => createHmac(hash, secret).update(content).digest(),
})
const pairOf = (kind: keyof typeof pairs, hash: string | null) => (secret: string) => {
  const { publicKey, privateKey } = pairs[kind][secret === 'one' ? 0 : 1]
  return { key: infoOf(publicKey), sign: (content: Buffer) => sign(hash, content, privateKey) }
}

/** A signer of each algorithm that shares nothing with what verifies. */
const signers: Record<
  SignatureAlgorithm,
  (secret: string) => { key: Buffer; sign(content: Buffer): Buffer }
> = {
  'hmac-sha1': hmacOf('sha1'),
  'hmac-sha256': hmacOf('sha256'),
  'hmac-sha512': hmacOf('sha512'),
  ed25519: pairOf('ed25519', null),
  'ecdsa-p256': pairOf('ecdsa-p256', 'sha256'),
}

const cases = platforms.flatMap((platform) =>
  (Object.keys(signers) as SignatureAlgorithm[]).map((algorithm) => ({ platform, algorithm })),
)

const body = Buffer.from('{"text":"größer 🦖"}')
const signed = Buffer.from(`id.1700000000.${body}/suffix`)
const around = { signedPrefix: 'id.1700000000.', signedSuffix: '/suffix' }

describe.each(cases)('$algorithm on $platform', ({ platform, algorithm }) => {
  async function setUp() {
    const { signatureAlgorithms, matchesClaim } = await keysOn(platform)
    const signer = signers[algorithm]('one')
    const key: SignatureKey = signatureAlgorithms[algorithm].makeKey(signer.key)
    const signature = signer.sign(signed)
    const matches = (claim: SignatureClaim, content: Uint8Array = body) => matchesClaim(key, claim, content)
    return { key, signature, matches, other: signers[algorithm]('two').sign(signed) }
  }

  test('what was signed matches, with text around the body and without', async () => {
    const { signature, matches } = await setUp()
    expect(await matches({ digests: [signature], ...around })).toBe(true)
    const plain = signers[algorithm]('one').sign(body)
    expect(await matches({ digests: [plain] })).toBe(true)
  })

  test('one of several is enough, wherever it stands', async () => {
    const { signature, other, matches } = await setUp()
    expect(await matches({ digests: [other, signature, other], ...around })).toBe(true)
    expect(await matches({ digests: [other, other], ...around })).toBe(false)
    expect(await matches({ digests: [], ...around })).toBe(false)
  })

  test('no bit of it may be another', async () => {
    const { signature, matches } = await setUp()
    for (let bit = 0; bit < signature.length * 8; bit++) {
      const flipped = Buffer.from(signature)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(await matches({ digests: [flipped], ...around }), `bit ${bit}`).toBe(false)
    }
  })

  test('nothing may be cut off, added, or missing', async () => {
    const { signature, matches } = await setUp()
    const wrong = [
      Buffer.alloc(0),
      signature.subarray(0, 1),
      signature.subarray(0, -1),
      signature.subarray(1),
      Buffer.concat([signature, Buffer.of(0)]),
      Buffer.concat([signature, signature]),
      Buffer.alloc(signature.length),
      Buffer.alloc(signature.length, 0xff),
      Buffer.from(signature.toString('hex')),
      Buffer.from(signature.toString('base64')),
    ]
    for (const digest of wrong) expect(await matches({ digests: [digest], ...around })).toBe(false)
  })

  test('another key, body, prefix or suffix does not match', async () => {
    const { signature, other, matches } = await setUp()
    expect(await matches({ digests: [other], ...around })).toBe(false)
    expect(await matches({ digests: [signature], ...around }, Buffer.from(`${body} `))).toBe(false)
    expect(await matches({ digests: [signature], ...around, signedPrefix: 'id.1700000001.' })).toBe(false)
    expect(await matches({ digests: [signature], signedPrefix: around.signedPrefix })).toBe(false)
    expect(await matches({ digests: [signature] })).toBe(false)
  })

  test('signatures of the other algorithms do not match', async () => {
    const { matches } = await setUp()
    for (const [name, signer] of Object.entries(signers)) {
      const digest = signer('one').sign(signed)
      expect(await matches({ digests: [digest], ...around }), name).toBe(name === algorithm)
    }
  })

  test('a form is signed by its fields', async () => {
    const { matches } = await setUp()
    const signedFields: SignatureClaim['signedFields'] = (fields) => JSON.stringify(fields)
    const digest = signers[algorithm]('one').sign(Buffer.from('url[["?a","1 ö"],["b","+"],["b",""]]'))
    const claim = { digests: [digest], signedPrefix: 'url', signedFields }
    expect(await matches(claim, Buffer.from('?a=1+%C3%B6&b=%2B&b'))).toBe(true)
    expect(await matches(claim, Buffer.from('a=1+%C3%B6&b=%2B&b'))).toBe(false)
    expect(await matches(claim, Buffer.from('x&'.repeat(1_000)))).toBe(false)
  })

  test('where the digest of the body is signed in its place, the body has to be that body', async () => {
    const { matches } = await setUp()
    const { createHash } = await import('node:crypto')
    const digest = signers[algorithm]('one').sign(Buffer.from('url'))
    const signedBodySha256 = createHash('sha256').update(body).digest()
    expect(await matches({ digests: [digest], signedPrefix: 'url', signedBodySha256 })).toBe(true)
    expect(
      await matches({ digests: [digest], signedPrefix: 'url', signedBodySha256 }, Buffer.from('{}')),
    ).toBe(false)
    expect(await matches({ digests: [digest], signedPrefix: 'urk', signedBodySha256 })).toBe(false)
  })
})

// RFC 2202 (SHA-1) and RFC 4231 (SHA-512), test case 2.
test.each([
  ['hmac-sha1', 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'],
  [
    'hmac-sha512',
    '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
  ],
] as const)('%s holds the vector of its RFC', async (algorithm, digest) => {
  const { signatureAlgorithms, matchesClaim } = await keysOn('Node')
  const key = signatureAlgorithms[algorithm].makeKey(Buffer.from('Jefe'))
  const claim = { digests: [Buffer.from(digest, 'hex')] }
  expect(await matchesClaim(key, claim, Buffer.from('what do ya want for nothing?'))).toBe(true)
})

// RFC 8032, section 7.1, test 3.
test.each(platforms)('Ed25519 holds the vector of its RFC, on %s', async (platform) => {
  const { signatureAlgorithms, matchesClaim } = await keysOn(platform)
  const raw = Buffer.from('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025', 'hex')
  const signature = Buffer.from(
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    'hex',
  )
  const key = signatureAlgorithms.ed25519.makeKey(raw)
  expect(await matchesClaim(key, { digests: [signature] }, Buffer.from('af82', 'hex'))).toBe(true)
  expect(await matchesClaim(key, { digests: [signature] }, Buffer.from('af83', 'hex'))).toBe(false)
})

// The S of a signature plus the order of the group is the same point: taken, a signature could be written in two ways.
test.each(platforms)('Ed25519 takes no S beyond the order of the group, on %s', async (platform) => {
  const { signatureAlgorithms, matchesClaim } = await keysOn(platform)
  const { publicKey, privateKey } = pairs.ed25519[0]
  const signature = sign(null, body, privateKey)
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order
  const beyond = Buffer.concat([
    signature.subarray(0, 32),
    Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse(),
  ])
  const key = signatureAlgorithms.ed25519.makeKey(infoOf(publicKey))
  expect(await matchesClaim(key, { digests: [signature] }, body)).toBe(true)
  expect(await matchesClaim(key, { digests: [beyond] }, body)).toBe(false)
})

test('many signatures of ECDSA are read, whatever the length of their numbers', async () => {
  const { signatureAlgorithms, matchesClaim } = await keysOn('the Web')
  const { publicKey, privateKey } = pairs['ecdsa-p256'][0]
  const key = signatureAlgorithms['ecdsa-p256'].makeKey(infoOf(publicKey))
  const lengths = new Set<number>()
  for (let count = 0; count < 600; count++) {
    const content = Buffer.from(`${count}`)
    const digest = sign('sha256', content, privateKey)
    lengths.add(digest.length)
    expect(await matchesClaim(key, { digests: [digest] }, content)).toBe(true)
  }
  expect(lengths.size).toBeGreaterThan(2)
})

/** The two numbers of an ECDSA signature, without the zero that keeps them positive. */
function numbersOf(der: Buffer): [r: Buffer, s: Buffer] {
  const r = der.subarray(4, 4 + (der[3] ?? 0))
  const s = der.subarray(6 + r.length)
  return [r, s]
}
const integer = (digits: Buffer) => Buffer.concat([Buffer.of(0x02, digits.length), digits])
const sequence = (...parts: Buffer[]) => {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.of(0x30, content.length), content])
}
const orderOfP256 = Buffer.from('00ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')

// As Project Wycheproof tries verifiers: the right numbers in another encoding, and numbers that no signature has.
describe.each(platforms)('ECDSA on %s', (platform) => {
  test('a signature is written in one way, and its numbers are in range', async () => {
    const { signatureAlgorithms, matchesClaim } = await keysOn(platform)
    const { publicKey, privateKey } = pairs['ecdsa-p256'][0]
    const key = signatureAlgorithms['ecdsa-p256'].makeKey(infoOf(publicKey))
    const good = sign('sha256', body, privateKey)
    const [r, s] = numbersOf(good)
    const zero = Buffer.of(0)
    const wrong: Record<string, Buffer> = {
      'a length in the long form': Buffer.concat([Buffer.of(0x30, 0x81), good.subarray(1)]),
      'no fixed length': Buffer.concat([Buffer.of(0x30, 0x80), good.subarray(2), Buffer.of(0, 0)]),
      'a zero too many ahead of r': sequence(integer(Buffer.concat([zero, r])), integer(s)),
      'a zero too many ahead of s': sequence(integer(r), integer(Buffer.concat([zero, s]))),
      'r that is negative': sequence(integer(Buffer.concat([Buffer.of(0xff), r])), integer(s)),
      'a byte behind it': Buffer.concat([good, zero]),
      'a byte inside': sequence(integer(r), integer(s), zero),
      'a NULL inside': sequence(integer(r), integer(s), Buffer.of(0x05, 0)),
      'a third number': sequence(integer(r), integer(s), integer(s)),
      'r alone': sequence(integer(r)),
      'no numbers': sequence(),
      'numbers without digits': sequence(integer(Buffer.alloc(0)), integer(Buffer.alloc(0))),
      'numbers that change places': sequence(integer(s), integer(r)),
      'r of 0': sequence(integer(zero), integer(s)),
      's of 0': sequence(integer(r), integer(zero)),
      'both 0': sequence(integer(zero), integer(zero)),
      'both 1': sequence(integer(Buffer.of(1)), integer(Buffer.of(1))),
      'r of the order of the group': sequence(integer(orderOfP256), integer(s)),
      's of the order of the group': sequence(integer(r), integer(orderOfP256)),
      'another tag': Buffer.concat([Buffer.of(0x31), good.subarray(1)]),
      'numbers of another tag': sequence(
        Buffer.concat([Buffer.of(0x03), integer(r).subarray(1)]),
        integer(s),
      ),
      'no encoding at all': sign('sha256', body, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
    }
    expect(sequence(integer(r), integer(s))).toEqual(good)
    expect(await matchesClaim(key, { digests: [good] }, body)).toBe(true)
    for (const [name, signature] of Object.entries(wrong))
      expect(await matchesClaim(key, { digests: [signature] }, body), name).toBe(false)
  })
})

test('a public key is read from PEM, also in one line, base64 and hex', () => {
  const { publicKey } = pairs['ecdsa-p256'][0]
  const info = infoOf(publicKey)
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
  const inOneLine = pem.replaceAll('\n', '\\n') // as in an environment variable
  for (const text of [
    pem,
    inOneLine,
    info.toString('base64'),
    info.toString('hex'),
    info.toString('hex').toUpperCase(),
  ])
    expect(Buffer.from(decodePublicKey(text))).toEqual(info)
})
