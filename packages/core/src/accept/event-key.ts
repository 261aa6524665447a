import { sha256Hex } from '../bytes/sha256.ts'
import type { Awaitable } from '../time/awaitable.ts'

const safeId = /^[A-Za-z0-9._:-]{1,200}$/
const encoder = new TextEncoder()

/**
 * The key under which an event is remembered: the id itself where it is harmless in any store, else `~` and its SHA-256.
 * The tilde is not a harmless character, so that no id can be written to look like the digest of another; and what is
 * digested is the id as a JSON string, because UTF-8 alone would make every lone surrogate the same.
 */
export function eventKey(provider: string, id: string): Awaitable<string> {
  return safeId.test(id) ? `${provider}:${id}` : digestedKey(provider, id)
}

async function digestedKey(provider: string, id: string): Promise<string> {
  return `${provider}:~${await sha256Hex(encoder.encode(JSON.stringify(id)))}`
}
