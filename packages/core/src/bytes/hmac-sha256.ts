import type { Hmac } from '../contracts/secret.ts'
import { nodeCrypto } from './node-crypto.ts'

/** Length of every digest that is compared. */
export const digestBytes = 32

/** Whether an Hmac answers with bytes, and not with a promise of them as Web Crypto does. */
export const computesAtOnce = nodeCrypto !== undefined

/** Prepares a key once, to be used for every delivery. */
export const hmacSha256: (key: Uint8Array) => Hmac = nodeCrypto ? nodeHmac(nodeCrypto) : webHmac

/** Bytes that SHA-256 works on at a time. Keys are padded to it. */
const blockBytes = 64

/** Longer content goes through `createHmac`: copying it would cost more than its native object does. */
const oneShotBytes = 8 * 1024

/** Of one UTF-16 unit. */
const maxUtf8Bytes = 3

const encoder = new TextEncoder()

/** Where a padded key and the content behind it are put together. One serves all keys: nothing is awaited while it is in use. */
const scratch = new Uint8Array(blockBytes + oneShotBytes)

function nodeHmac(node: typeof import('node:crypto')): (key: Uint8Array) => Hmac {
  return typeof node.hash === 'function' ? (key) => oneShotHmac(node, key) : (key) => streamingHmac(node, key)
}

function streamingHmac({ createHmac, createSecretKey }: typeof import('node:crypto'), key: Uint8Array): Hmac {
  const keyObject = createSecretKey(key) // a raw key costs seven times as much per use
  return (content, prefix = '') =>
    toBytes(createHmac('sha256', keyObject).update(prefix).update(content).digest('binary'))
}

/** RFC 2104 as two hashes over padded keys: needs no native object per delivery. */
function oneShotHmac(node: typeof import('node:crypto'), key: Uint8Array): Hmac {
  const blockKey = key.length > blockBytes ? node.hash('sha256', key, 'buffer') : key
  const innerPad = padded(blockKey, 0x36)
  const outer = Buffer.concat([padded(blockKey, 0x5c), Buffer.alloc(digestBytes)])
  let streaming: Hmac | undefined
  return (content, prefix = '') => {
    if (prefix.length * maxUtf8Bytes + content.length > oneShotBytes) {
      streaming ??= streamingHmac(node, key)
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

/** Writes a prefix where content begins; how many bytes that took. */
function writePrefix(prefix: string): number {
  return prefix === '' ? 0 : encoder.encodeInto(prefix, scratch.subarray(blockBytes)).written
}

/** A digest leaves the native side as text and takes its bytes from Buffer's pool: a Buffer made there costs more than the hash. */
function toBytes(latin1: string): Uint8Array {
  return Buffer.from(latin1, 'latin1')
}

/** The key, padded to a block and XORed. */
function padded(blockKey: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(blockBytes)
  block.set(blockKey)
  return block.map((byte) => byte ^ pad)
}

function webHmac(key: Uint8Array): Hmac {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const imported = crypto.subtle.importKey('raw', key as Uint8Array<ArrayBuffer>, algorithm, false, ['sign'])
  return async (content, prefix = '') =>
    new Uint8Array(await crypto.subtle.sign('HMAC', await imported, joined(prefix, content)))
}

function joined(prefix: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  if (prefix === '') return content as Uint8Array<ArrayBuffer>
  const head = encoder.encode(prefix)
  const whole = new Uint8Array(head.length + content.length)
  whole.set(head)
  whole.set(content, head.length)
  return whole
}

/** Whether two digests are the same, in a time that does not depend on where they differ. */
export function equalDigests(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== digestBytes || other.length !== digestBytes) return false
  if (nodeCrypto) return nodeCrypto.timingSafeEqual(one, other)
  let difference = 0
  for (let index = 0; index < digestBytes; index++)
    difference |= (one[index] as number) ^ (other[index] as number)
  return difference === 0
}
