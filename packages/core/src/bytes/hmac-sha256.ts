import type { Hmac } from '../contracts/provider/secret.ts'
import { nodeCrypto } from './node-crypto.ts'
import { nodeHmac as streamingHmac, webHmac } from './streaming-hmac.ts'

/** Length of a SHA-256 digest. */
export const digestBytes = 32

/** Prepares a key once, for every delivery. */
export const hmacSha256: (key: Uint8Array) => Hmac = nodeCrypto
  ? nodeHmac(nodeCrypto)
  : (key) => webHmac('sha256', key)

/** The block size of SHA-256 in bytes. Keys are padded to it. */
const blockBytes = 64

/** Longer content uses `createHmac`: copying it would cost more than the native object of `createHmac` does. */
const oneShotBytes = 8 * 1024

/** How many bytes one UTF-16 unit has. */
const maxUtf8Bytes = 3

const encoder = new TextEncoder()

/** Here a padded key and the content after it are joined. All keys share it, as nothing is awaited while it is in use. */
const scratch = new Uint8Array(blockBytes + oneShotBytes)

function nodeHmac(node: typeof import('node:crypto')): (key: Uint8Array) => Hmac {
  return typeof node.hash === 'function'
    ? (key) => oneShotHmac(node, key)
    : (key) => streamingHmac(node, 'sha256', key)
}

/** RFC 2104 as two hashes over padded keys. It needs no native object per delivery. */
function oneShotHmac(node: typeof import('node:crypto'), key: Uint8Array): Hmac {
  const blockKey = key.length > blockBytes ? node.hash('sha256', key, 'buffer') : Buffer.from(key) // whoever made it may reuse its memory
  const innerPad = padded(blockKey, 0x36)
  const outer = Buffer.concat([padded(blockKey, 0x5c), Buffer.alloc(digestBytes)])
  let streaming: Hmac | undefined
  return (content, prefix = '') => {
    if (prefix.length * maxUtf8Bytes + content.length > oneShotBytes) {
      streaming ??= streamingHmac(node, 'sha256', blockKey)
      return streaming(content, prefix)
    }
    scratch.set(innerPad)
    const contentStart = blockBytes + writePrefix(prefix)
    scratch.set(content, contentStart)
    const innerDigest = node.hash('sha256', scratch.subarray(0, contentStart + content.length), 'binary')
    outer.write(innerDigest, blockBytes, 'latin1')
    return toBytes(node.hash('sha256', outer, 'binary'))
  }
}

/** Writes a prefix where the content begins. Answers its length in bytes. */
function writePrefix(prefix: string): number {
  return prefix === '' ? 0 : encoder.encodeInto(prefix, scratch.subarray(blockBytes)).written
}

/** A digest is returned from native code as text, into bytes of Buffer's pool. A Buffer created there costs more than the hash. */
function toBytes(latin1: string): Uint8Array {
  return Buffer.from(latin1, 'latin1')
}

/** The key, padded to a block and XORed. */
function padded(blockKey: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(blockBytes)
  block.set(blockKey)
  return block.map((byte) => byte ^ pad)
}

/** The lengths of SHA-1, SHA-256 and SHA-512. No digest has another length. */
const digestLengths: ReadonlySet<number> = new Set([20, digestBytes, 64])

/** Whether two digests are equal, in a time that does not depend on where they differ. */
export function equalDigests(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length || !digestLengths.has(one.length)) return false
  if (nodeCrypto) return nodeCrypto.timingSafeEqual(one, other)
  let difference = 0
  for (let index = 0; index < one.length; index++)
    difference |= (one[index] as number) ^ (other[index] as number)
  return difference === 0
}
