/** Milliseconds since 1970 for a text of Unix seconds; undefined for anything else. */
export function readUnixTimestamp(text: string): number | undefined {
  return /^\d{1,11}$/.test(text) ? Number(text) * 1000 : undefined
}
