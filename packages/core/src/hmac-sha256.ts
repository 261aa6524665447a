import { nodeCrypto } from './node-crypto.ts'

/** Computes HMAC-SHA256 (RFC 2104) of the content under the key that it was made with: 32 bytes. */
export type Hmac = (content: Uint8Array) => Uint8Array | Promise<Uint8Array>

/** Length of every digest that is compared. */
export const digestBytes = 32

/** Prepares a key once, to be used for every delivery: a KeyObject costs a seventh of a raw key in `createHmac`. */
export const hmacSha256: (key: Uint8Array) => Hmac = nodeCrypto ? nodeHmac(nodeCrypto) : webHmac

function nodeHmac({ createHmac, createSecretKey }: typeof import('node:crypto')) {
  return (key: Uint8Array): Hmac => {
    const keyObject = createSecretKey(key)
    return (content) => createHmac('sha256', keyObject).update(content).digest()
  }
}

function webHmac(key: Uint8Array): Hmac {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const imported = crypto.subtle.importKey('raw', key as Uint8Array<ArrayBuffer>, algorithm, false, ['sign'])
  return async (content) =>
    new Uint8Array(await crypto.subtle.sign('HMAC', await imported, content as Uint8Array<ArrayBuffer>))
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
