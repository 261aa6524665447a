import type { Hmac } from '../contracts/provider/secret.ts'
import { joined } from './joined.ts'

export type HashName = 'sha1' | 'sha256' | 'sha512'

const webNames = { sha1: 'SHA-1', sha256: 'SHA-256', sha512: 'SHA-512' } as const

export function nodeHmac(node: typeof import('node:crypto'), hash: HashName, key: Uint8Array): Hmac {
  const keyObject = node.createSecretKey(key) // using a raw key takes seven times as long
  return (content, prefix = '') =>
    // the digest is returned as text: a Buffer created in native code costs more than the hash
    Buffer.from(node.createHmac(hash, keyObject).update(prefix).update(content).digest('binary'), 'latin1')
}

export function webHmac(hash: HashName, key: Uint8Array): Hmac {
  const algorithm = { name: 'HMAC', hash: webNames[hash] }
  const imported = crypto.subtle.importKey('raw', key as Uint8Array<ArrayBuffer>, algorithm, false, ['sign'])
  return async (content, prefix = '') =>
    new Uint8Array(await crypto.subtle.sign('HMAC', await imported, joined(prefix, content)))
}
