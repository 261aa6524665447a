import { sha256Hex } from '../bytes/sha256.ts'
import type { Awaitable } from '../time/awaitable.ts'

const safeId = /^[A-Za-z0-9._:-]{1,200}$/
const encoder = new TextEncoder()

/**
 * The key under which an event is remembered: the id itself if every store can hold it, else `~` and its SHA-256. An id with a
 * tilde is always digested, so no id can look like the digest of another. What is digested is the id as a JSON string: in UTF-8
 * alone, all lone surrogates are the same.
 */
export function eventKey(provider: string, id: string): Awaitable<string> {
  return safeId.test(id) ? `${provider}:${id}` : digestedKey(provider, id)
}

async function digestedKey(provider: string, id: string): Promise<string> {
  return `${provider}:~${await sha256Hex(encoder.encode(JSON.stringify(id)))}`
}
