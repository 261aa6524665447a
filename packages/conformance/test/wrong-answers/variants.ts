/** Values that could stand in the place of one, each with one difference. Always the same for the same value. */
export function variantsOf(value: unknown, depth = 0): unknown[] {
  if (typeof value === 'boolean') return [!value, undefined]
  if (typeof value === 'number') return [value + 1, value - 1]
  if (typeof value === 'string') return [`${value}x`, value.slice(0, -1)]
  if (value === undefined) return [{ state: 'pending' }, null, true]
  if (value === null) return [1, undefined]
  if (value instanceof Uint8Array) return bytesLike(value)
  if (typeof value !== 'object' || depth > 4) return []
  if (Array.isArray(value)) return listsLike(value, depth)
  if (isSignal(value)) return [AbortSignal.abort(), undefined]
  return objectsLike(value as Record<string, unknown>, depth)
}

const outcomes = [
  { outcome: 'accepted' },
  { outcome: 'duplicate', conflict: false },
  { outcome: 'in_progress', retryAfterMs: 1 },
]
const states = ['pending', 'scheduled', 'active', 'parked', 'dead', 'handled']

function objectsLike(value: Record<string, unknown>, depth: number): unknown[] {
  const others: unknown[] = [undefined]
  if ('outcome' in value) others.push(...outcomes.filter(({ outcome }) => outcome !== value.outcome))
  for (const [name, member] of Object.entries(value)) {
    const members =
      name === 'state' ? states.filter((state) => state !== member) : variantsOf(member, depth + 1)
    for (const one of members) others.push({ ...value, [name]: one })
  }
  return others
}

function listsLike(list: readonly unknown[], depth: number): unknown[] {
  const [first, ...rest] = list
  if (list.length === 0) return [[undefined], [{ id: 'another' }]]
  const others: unknown[] = [[], rest, [...list, first]]
  if (list.length > 1) others.push(list.slice(0, -1), list.toReversed())
  for (const one of variantsOf(first, depth + 1)) others.push([one, ...rest])
  if (list.length > 1)
    for (const one of variantsOf(list.at(-1), depth + 1)) others.push([...list.slice(0, -1), one])
  return others
}

function bytesLike(bytes: Uint8Array): unknown[] {
  const flipped = Uint8Array.from(bytes, (byte, index) => (index === 0 ? byte ^ 1 : byte))
  return [...(bytes.length > 0 ? [flipped, bytes.slice(1)] : [Uint8Array.of(0)]), [...bytes]]
}

function isSignal(value: object): boolean {
  return 'aborted' in value && 'addEventListener' in value
}
