/** Merges `changes` into `base`, at any depth. A list replaces a list. A field that is undefined is removed. */
export function laidOver(base: unknown, changes: unknown): unknown {
  if (changes === undefined) return base
  if (!isPlain(base) || !isPlain(changes)) return changes
  const result: Record<string, unknown> = { ...base }
  for (const [name, change] of Object.entries(changes)) {
    if (change === undefined) delete result[name]
    else result[name] = laidOver(base[name], change)
  }
  return result
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
