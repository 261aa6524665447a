const units: ReadonlyArray<readonly [string, number]> = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
]

/** `3 min`, `2 h`. */
function spanOf(ms: number): string {
  if (ms < 1_000) return 'less than 1 s'
  const [name, size] = units.find(([, length]) => ms >= length) ?? ['s', 1_000]
  return `${Math.floor(ms / size)} ${name}`
}

export function ago(at: number, now: number): string {
  return at > now ? `in ${spanOf(at - now)}` : `${spanOf(now - at)} ago`
}

const latest = 8_640_000_000_000_000

/** A handler may ask to wait until after the last instant that a `Date` can hold. */
export function instantOf(at: number): string {
  return at > latest ? 'after all time' : new Date(at).toISOString().replace('T', ' ').replace('Z', ' UTC')
}

export function count(number: number): string {
  return number.toLocaleString('en-US')
}

/** `1 dead letter`, `3 dead letters`. */
export function counted(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`
}
