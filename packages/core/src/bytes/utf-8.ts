import type { SecretDecoder } from '../contracts/provider/secret.ts'

const encoder = new TextEncoder()

/** Uses a secret as its UTF-8 text. */
export const decodeUtf8Secret: SecretDecoder = (secret) => encoder.encode(secret)
