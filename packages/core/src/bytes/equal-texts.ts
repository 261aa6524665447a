const encoder = new TextEncoder()

/** Whether two texts are equal, in a time that depends on their lengths only. */
export function equalTexts(given: string, expected: string): boolean {
  const one = encoder.encode(given)
  const other = encoder.encode(expected)
  let difference = one.length ^ other.length
  for (let index = 0; index < one.length; index++) {
    difference |= (one[index] as number) ^ (other[index % Math.max(1, other.length)] ?? 0)
  }
  return difference === 0
}
