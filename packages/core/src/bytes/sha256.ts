import { encodeHex } from './digests.ts'
import { nodeCrypto } from './node-crypto.ts'

/** The SHA-256 of `content`, in lower-case hex. */
export const sha256Hex: (content: Uint8Array) => string | Promise<string> = nodeCrypto
  ? nodeSha256(nodeCrypto)
  : async (content) => encodeHex(await sha256(content))

function nodeSha256({ createHash, hash }: typeof import('node:crypto')): (content: Uint8Array) => string {
  if (typeof hash !== 'function') return (content) => createHash('sha256').update(content).digest('hex')
  return (content) => hash('sha256', content)
}

/** The SHA-256 of `content`: 32 bytes. */
export async function sha256(content: Uint8Array): Promise<Uint8Array> {
  if (nodeCrypto) return nodeCrypto.createHash('sha256').update(content).digest()
  return new Uint8Array(await crypto.subtle.digest('SHA-256', content as Uint8Array<ArrayBuffer>))
}
