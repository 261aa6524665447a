/** A deterministic source of sample values. Not for secrets. */
export interface Random {
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number
  /** Lower-case hex digits. */
  hex(length: number): string
  pick<T>(choices: readonly [T, ...T[]]): T
  /** True with this probability, from 0 to 1. */
  chance(probability: number): boolean
}

/** The same seed (a whole number, taken modulo 2^32) gives the same values in the same order. */
export function createRandom(seed: number): Random {
  const next = mulberry32(seed)
  const integer = (min: number, max: number) => min + Math.floor((next() / 2 ** 32) * (max - min + 1))
  return {
    integer,
    hex(length) {
      let digits = ''
      while (digits.length < length) digits += next().toString(16).padStart(8, '0')
      return digits.slice(0, length)
    },
    pick: (choices) => choices[integer(0, choices.length - 1)] ?? choices[0],
    chance: (probability) => next() / 2 ** 32 < probability,
  }
}

/** Tommy Ettinger's mulberry32: small, and good enough for samples. Returns 32-bit unsigned integers. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}
