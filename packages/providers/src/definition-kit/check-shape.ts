import { InvalidEnvelope, type JsonObject } from '@hookport/core'

/** By type, the fields that every payload of it has, with full stops between levels. Fields behind a `!` none has: they show that it is of a related type. */
export type Shapes = Readonly<Record<string, readonly string[]>>

/**
 * Checks a type that stands in a header which is not signed. Whoever replays a delivery could change it. A type without a shape fits every payload.
 *
 * @throws {InvalidEnvelope} where the payload is of another type.
 */
export function checkShape(type: string, payload: JsonObject, shapes: Shapes): void {
  for (const field of Object.hasOwn(shapes, type) ? (shapes[type] ?? []) : []) {
    const name = field.replace('!', '')
    const hasIt = has(payload, name.split('.'))
    if (hasIt === field.startsWith('!'))
      throw new InvalidEnvelope(`its header names it ${type}, but it has ${hasIt ? 'a' : 'no'} ${name}`)
  }
}

function has(value: unknown, [name, ...inner]: readonly string[]): boolean {
  if (name === undefined) return true
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.hasOwn(value, name) &&
    has(Reflect.get(value, name), inner)
  )
}
