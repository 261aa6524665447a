import { decodeBase64 } from '../bytes/digests.ts'
import { nodeCrypto } from '../bytes/node-crypto.ts'
import type { PublicKey } from '../contracts/provider/secret.ts'

export type PublicKeyKind = 'ed25519' | 'ecdsa-p256'

/** The length of a raw Ed25519 key. */
const rawKeyBytes = 32

/** The bytes before it in a SubjectPublicKeyInfo (RFC 8410). */
const ed25519Info = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00)

/**
 * Prepares a public key once: a SubjectPublicKeyInfo, or the 32 bytes of an Ed25519 key.
 *
 * @throws {Error} where the platform sees at once that it is not such a key.
 */
export function publicKey(kind: PublicKeyKind, bytes: Uint8Array): PublicKey {
  const isRaw = kind === 'ed25519' && bytes.length === rawKeyBytes
  const info = isRaw ? Uint8Array.from([...ed25519Info, ...bytes]) : Uint8Array.from(bytes)
  return nodeCrypto ? nodeKey(nodeCrypto, kind, info) : webKey(kind, info)
}

/** Reads a public key as providers show it: PEM, base64 or hex. In an environment variable the lines of PEM often end with a written `\n`. */
export function decodePublicKey(text: string): Uint8Array {
  const bare = text.replace(/-----[A-Z ]+-----/g, '').replace(/\s+|\\n/g, '')
  if (/^(?:[0-9a-f]{2})+$/i.test(bare))
    return Uint8Array.from(bare.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  return decodeBase64(bare)
}

function nodeKey(node: typeof import('node:crypto'), kind: PublicKeyKind, info: Uint8Array): PublicKey {
  const key = node.createPublicKey({ key: Buffer.from(info), format: 'der', type: 'spki' })
  if (kind === 'ed25519') {
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it is a key of ${key.asymmetricKeyType}`)
    return { verify: (signature, content) => node.verify(null, content, key, signature) }
  }
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new Error('it is not a key on the curve P-256')
  return { verify: (signature, content) => node.verify('sha256', content, key, signature) }
}

const webAlgorithms = {
  ed25519: { key: { name: 'Ed25519' }, signature: { name: 'Ed25519' } },
  'ecdsa-p256': {
    key: { name: 'ECDSA', namedCurve: 'P-256' },
    signature: { name: 'ECDSA', hash: 'SHA-256' },
  },
} as const

function webKey(kind: PublicKeyKind, info: Uint8Array<ArrayBuffer>): PublicKey {
  const algorithm = webAlgorithms[kind]
  const imported = crypto.subtle.importKey('spki', info, algorithm.key, false, ['verify'])
  imported.catch(() => {}) // the first delivery reports it
  return {
    async verify(signature, content) {
      const key = await imported
      const raw = kind === 'ed25519' ? Uint8Array.from(signature) : rawSignature(signature)
      if (raw === undefined) return false
      return crypto.subtle.verify(algorithm.signature, key, raw, content as Uint8Array<ArrayBuffer>)
    },
  }
}

/** The two 32-byte numbers that Web Crypto takes, read from the DER that is sent. Undefined for anything else. */
function rawSignature(der: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const [tag, length] = der
  if (tag !== 0x30 || length !== der.length - 2) return undefined
  const one = readInteger(der, 2)
  const other = one && readInteger(der, one.end)
  if (!one || !other || other.end !== der.length) return undefined
  return Uint8Array.from([...one.bytes, ...other.bytes])
}

function readInteger(der: Uint8Array, start: number): { bytes: Uint8Array; end: number } | undefined {
  const length = der[start + 1] ?? 0
  const end = start + 2 + length
  const digits = der.subarray(start + 2, end)
  const isShortest = digits[0] !== 0 || (digits[1] ?? 0) >= 0x80
  const isPositive = (digits[0] ?? 0x80) < 0x80
  if (der[start] !== 0x02 || digits.length !== length || !isPositive) return undefined
  if (!isShortest && length > 1) return undefined
  const significant = digits[0] === 0 ? digits.subarray(1) : digits
  if (significant.length > 32) return undefined
  const bytes = new Uint8Array(32)
  bytes.set(significant, 32 - significant.length)
  return { bytes, end }
}
