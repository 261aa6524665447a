/**
 * `node:crypto` where the platform has it (Node, Bun, Deno), else undefined. Asked for at run time, so that the same build
 * also loads on edge runtimes, which have only Web Crypto.
 */
export const nodeCrypto: typeof import('node:crypto') | undefined =
  typeof process === 'object' ? process.getBuiltinModule?.('node:crypto') : undefined
