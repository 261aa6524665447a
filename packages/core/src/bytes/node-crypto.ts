import { nodeBuiltin } from './node-builtin.ts'

/** `node:crypto` where the platform has it. Else undefined, and Web Crypto is used. */
export const nodeCrypto: typeof import('node:crypto') | undefined = nodeBuiltin('node:crypto')
