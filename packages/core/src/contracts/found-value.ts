/**
 * A value that should not be there, as an error shows it. Of an object it only says that it is one: it may hold secrets, or itself.
 *
 * @param depth how many lists within one another are shown. Defaults to 2.
 */
export function foundValue(value: unknown, depth = 2): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null || value instanceof Date) return String(value)
  if (!Array.isArray(value)) return 'an object'
  return depth === 0 ? 'a list' : `[${value.map((item) => foundValue(item, depth - 1)).join(',')}]`
}
