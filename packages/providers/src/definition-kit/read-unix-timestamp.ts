/** Parses Unix seconds into milliseconds since 1970. Undefined for any other text. */
export function readUnixTimestamp(text: string): number | undefined {
  return /^\d{1,11}$/.test(text) ? Number(text) * 1000 : undefined
}
