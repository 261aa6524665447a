import fc from 'fast-check'

/** Cases per property: few in `npm test`, `FUZZ_RUNS` of them in `npm run fuzz`. */
const runs = Number(process.env.FUZZ_RUNS ?? 200)

/** The same cases every time, unless `FUZZ_SEED` says otherwise. */
const seed = Number(process.env.FUZZ_SEED ?? 20_261_120)

export const title = `${runs} cases, FUZZ_SEED=${seed}`

/** Properties take as long as they take. */
export const timeout = 60_000 + runs * 20

/** Checks a property. One that needs a socket for every case has so many times fewer cases. */
export function hold<Values>(
  property: fc.IAsyncProperty<Values>,
  timesFewer = 1,
  how: fc.Parameters<Values> = {},
): Promise<void> {
  return fc.assert(property, { numRuns: Math.ceil(runs / timesFewer), seed, ...how })
}
