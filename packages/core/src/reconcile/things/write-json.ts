/** The JSON of a body, with `NaN` and infinities as Python writes them. `JSON.stringify` would write null, which would change the meaning of an infeasible run. */
export function writeJson(body: object): Uint8Array<ArrayBuffer> {
  const mark = crypto.randomUUID()
  const text = JSON.stringify(body, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? `${mark}${value}` : value,
  )
  return new TextEncoder().encode(text.replace(new RegExp(`"${mark}(-?Infinity|NaN)"`, 'g'), '$1'))
}
