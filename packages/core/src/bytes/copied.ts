/** The same bytes in memory of their own; a `Buffer` where the platform has it. */
export const copied: (bytes: Uint8Array) => Uint8Array<ArrayBuffer> =
  typeof Buffer === 'function' ? (bytes) => Buffer.from(bytes) : (bytes) => new Uint8Array(bytes)
