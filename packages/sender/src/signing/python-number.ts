/**
 * Writes a number as Python's `json.dumps` does.
 *
 * Python writes a float by `repr`: shortest digits, like JavaScript, but with an exponent already below
 * 1e-4 (JavaScript: below 1e-6), and of at least two digits: `1.4e-05`.
 *
 * JavaScript cannot tell 4250.0 from 4250; whole numbers are written as Python writes an int. Two are
 * certain to be floats and written so: -0 (`-0.0`), and those from 1e21, which JavaScript itself no longer
 * prints as digits. A `bigint` is an int of any size, so that integers beyond 2^53 can be sent.
 *
 * NaN and the infinities are written `NaN`, `Infinity` and `-Infinity`, as Python does unless it is told otherwise.
 */
export function pythonNumber(value: number | bigint): string {
  if (typeof value === 'bigint') return value.toString()
  if (!Number.isFinite(value)) return String(value)
  if (Object.is(value, -0)) return '-0.0'
  const magnitude = Math.abs(value)
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e21)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  }
  return String(value)
}
