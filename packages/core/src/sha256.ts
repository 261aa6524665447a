import { nodeCrypto } from './node-crypto.ts'

/** The 32 bytes of the SHA-256 of `content`. */
export const sha256: (content: Uint8Array) => Uint8Array | Promise<Uint8Array> = nodeCrypto
  ? nodeSha256(nodeCrypto)
  : webSha256

function nodeSha256({ createHash, hash }: typeof import('node:crypto')) {
  if (typeof hash !== 'function')
    return (content: Uint8Array) => createHash('sha256').update(content).digest()
  return (content: Uint8Array): Uint8Array => hash('sha256', content, 'buffer')
}

async function webSha256(content: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', content as Uint8Array<ArrayBuffer>))
}

export function toHex(bytes: Uint8Array): string {
  let hex = ''
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0')
  return hex
}
