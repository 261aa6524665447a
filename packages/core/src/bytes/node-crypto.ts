import { nodeBuiltin } from './node-builtin.ts'

/** `node:crypto` where the platform has it, else undefined: there is Web Crypto. */
export const nodeCrypto: typeof import('node:crypto') | undefined = nodeBuiltin('node:crypto')
