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
}

/** Every way in which a sender may sign. */
export const signatureAlgorithms: Readonly<Record<SignatureAlgorithm, Algorithm>> = {
  'hmac-sha1': { makeKey: hmac('sha1'), digestBytes: 20, isPublic: false },
  'hmac-sha256': { makeKey: hmacSha256, digestBytes: 32, isPublic: false },
  'hmac-sha512': { makeKey: hmac('sha512'), digestBytes: 64, isPublic: false },
  ed25519: { makeKey: (key) => publicKey('ed25519', key), digestBytes: 64, isPublic: true },
  'ecdsa-p256': { makeKey: (key) => publicKey('ecdsa-p256', key), digestBytes: undefined, isPublic: true },
}
