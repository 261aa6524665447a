/**
 * The JSON of a body, with `NaN` and infinities as Python writes them: `JSON.stringify` would make null of them, and an infeasible run another
 * one.
 */
export function writeJson(body: object): Uint8Array<ArrayBuffer> {
  const mark = crypto.randomUUID()
  const text = JSON.stringify(body, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? `${mark}${value}` : value,
  )
  return new TextEncoder().encode(text.replace(new RegExp(`"${mark}(-?Infinity|NaN)"`, 'g'), '$1'))
}
