import { noProgress } from '../../src/inbox/steps/sample-event.ts'

/** Values that could stand in the place of one, each with one difference. Always the same for the same value. */
export function variantsOf(value: unknown, depth = 0): unknown[] {
  if (typeof value === 'boolean') return [!value, undefined]
  if (typeof value === 'number') return [value + 1, value - 1]
  if (typeof value === 'string') return stringsLike(value, depth)
  if (value === undefined) return [{ state: 'pending' }, null, true]
  if (value === null) return [1, undefined]
  if (value instanceof Uint8Array) return bytesLike(value)
  if (typeof value !== 'object' || depth > 4) return []
  if (Array.isArray(value)) return listsLike(value, depth)
  if (value instanceof Set) return [new Set()]
  if (isSignal(value)) return [AbortSignal.abort(), undefined]
  const others = objectsLike(value as Record<string, unknown>, depth)
  return depth > 0 ? others : [...others, ...deepVariantsOf(value as Record<string, unknown>)]
}

/** With a member left out, however deep, or with a number that is far from the right one. */
function deepVariantsOf(value: Record<string, unknown>, depth = 0): unknown[] {
  return Object.entries(value).flatMap(([name, member]) => {
    const { [name]: _, ...without } = value
    const numbers = typeof member === 'number' ? [0, Math.floor(member / 2), member + 10 ** 9] : []
    const isPlain = Object.getPrototypeOf(member ?? '') === Object.prototype
    const inside = isPlain && depth < 3 ? deepVariantsOf(member as Record<string, unknown>, depth + 1) : []
    return [without, ...[...numbers, ...inside].map((other) => ({ ...value, [name]: other }))]
  })
}

function stringsLike(value: string, depth: number): string[] {
  const others = [`${value}x`, value.slice(0, -1)]
  return depth > 0 ? others : [...others, '', 'two words']
}

const outcomes = [
  { outcome: 'accepted' },
  { outcome: 'duplicate', conflict: false },
  { outcome: 'in_progress', retryAfterMs: 1 },
]
const verdicts = [
  { outcome: 'done', progress: noProgress },
  { outcome: 'retry', delayMs: 0, progress: noProgress, failures: [], attemptUsed: true },
  { outcome: 'retry', delayMs: 3_600_000, progress: noProgress, failures: [], attemptUsed: true },
  { outcome: 'dead', progress: noProgress, failures: [] },
  { outcome: 'park', progress: noProgress },
]
/** What a consumer may take. */
const wants = [
  { types: 'all' },
  { types: [] },
  { others: 'park' },
  { others: 'drop' },
  { others: 'hand-out' },
]
const states = ['pending', 'scheduled', 'active', 'parked', 'dead', 'handled']

function objectsLike(value: Record<string, unknown>, depth: number): unknown[] {
  const others: unknown[] = [undefined]
  if ('others' in value) others.push(...wants.map((want) => ({ ...value, ...want })))
  if (isVerdict(value)) others.push(...verdicts.filter(({ outcome }) => outcome !== value.outcome))
  else if ('outcome' in value) others.push(...outcomes.filter(({ outcome }) => outcome !== value.outcome))
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
  const others = bytes.length > 0 ? [flipped, bytes.slice(1)] : [Uint8Array.of(0)]
  return bytes.length > 10_000 ? others : [...others, [...bytes]]
}

function isVerdict(value: object): boolean {
  return 'progress' in value && 'outcome' in value
}

function isSignal(value: object): boolean {
  return 'aborted' in value && 'addEventListener' in value
}

/**
 * Answers that could stand in the place of several of one source, while the right ones change: the same variant says the same of each of them, as
 * far as it can.
 */
export function lastingVariantsOf(right: unknown): unknown[] {
  if (typeof right === 'boolean') return [true, false]
  if (Array.isArray(right)) return lastingListsLike(right)
  if (right === undefined || right === null) return [right, ...states.map((state) => ({ state }))]
  if (typeof right !== 'object') return []
  if ('rawBody' in right || 'state' in right)
    return [undefined, ...states.map((state) => ({ ...right, state })), ...objectsLike({ ...right }, 0)]
  return objectsLike({ ...right }, 0)
}

function lastingListsLike(list: readonly unknown[]): unknown[] {
  const [first] = list
  const changed = variantsOf(first ?? lostRun).slice(1)
  const ofEach = changed.map((_, at) => list.map((one) => variantsOf(one).slice(1)[at] ?? one))
  return [
    [],
    [...list, ...list],
    list.slice(1),
    list.slice(0, -1),
    list.length > 0 ? list : [lostRun],
    ...ofEach,
  ]
}

/** A run of a handler that never was. */
const lostRun = {
  handler: 'obedient',
  id: 'another',
  type: 'another',
  provider: 'another',
  attempt: 1,
  createdAt: 1,
  data: {},
  rawBody: '',
  outcome: 'succeeded',
}
