import { decodeBase64 } from '../bytes/digests.ts'
import { hmacSha256 } from '../bytes/hmac-sha256.ts'
import { nodeCrypto } from '../bytes/node-crypto.ts'
import { type HashName, nodeHmac, webHmac } from '../bytes/streaming-hmac.ts'
import type { SignatureAlgorithm } from '../contracts/provider/provider.ts'
import type { SignatureKey } from '../contracts/provider/secret.ts'
import { publicKey } from './public-key.ts'

const hmac = (hash: HashName) => (key: Uint8Array) =>
  nodeCrypto ? nodeHmac(nodeCrypto, hash, key) : webHmac(hash, key)

interface Algorithm {
  /** @throws {Error} where the bytes are not a key of this algorithm. */
  readonly makeKey: (key: Uint8Array) => SignatureKey
  /** The length of a digest or signature. Undefined where it varies. */
  readonly digestBytes: number | undefined
  /** Whether the key that verifies is a public key, and not a secret. */
  readonly isPublic: boolean
  /** A public key of nobody: what is sent for a tenant that does not exist is checked with it, to take as long. What matches is refused all the same. */
  readonly keyOfNobody?: Uint8Array
}

/** The base points of the two curves. */
const ed25519OfNobody = new Uint8Array(32).fill(0x66).fill(0x58, 0, 1)
const p256OfNobody = decodeBase64(
  'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==',
)

/** Every way in which a sender may sign. */
export const signatureAlgorithms: Readonly<Record<SignatureAlgorithm, Algorithm>> = {
  'hmac-sha1': { makeKey: hmac('sha1'), digestBytes: 20, isPublic: false },
  'hmac-sha256': { makeKey: hmacSha256, digestBytes: 32, isPublic: false },
  'hmac-sha512': { makeKey: hmac('sha512'), digestBytes: 64, isPublic: false },
  ed25519: {
    makeKey: (key) => publicKey('ed25519', key),
    digestBytes: 64,
    isPublic: true,
    keyOfNobody: ed25519OfNobody,
  },
  'ecdsa-p256': {
    makeKey: (key) => publicKey('ecdsa-p256', key),
    digestBytes: undefined,
    isPublic: true,
    keyOfNobody: p256OfNobody,
  },
}
