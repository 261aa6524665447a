import { createDice } from '../random/dice.ts'
import type { MischiefName, ResolvedMischief } from './mischief.ts'
import type { PlannedDelivery, Volley } from './planned-delivery.ts'

/** Repeats a share of the deliveries, byte for byte. */
export function* duplicateSome(
  deliveries: Iterable<PlannedDelivery>,
  { duplicates, concurrentDuplicates, duplicateTimes }: ResolvedMischief,
  seed: number,
): Generator<Volley> {
  const sequentially = createDice(seed, 'duplicates')
  const concurrently = createDice(seed, 'concurrentDuplicates')
  for (const delivery of deliveries) {
    const inSequence = sequentially.strikes(duplicates)
    const atOnce = concurrently.strikes(concurrentDuplicates)
    const name: MischiefName = atOnce ? 'concurrentDuplicates' : 'duplicates'
    const copy = { ...delivery, mischief: [...delivery.mischief, name] }
    const copies = inSequence || atOnce ? Array.from({ length: duplicateTimes }, () => copy) : []
    yield { deliveries: [delivery, ...copies], atOnce }
  }
}

/** Lets each volley be overtaken by up to `window` later ones. */
export function* reorder(volleys: Iterable<Volley>, window: number, seed: number): Generator<Volley> {
  const { detail } = createDice(seed, 'reorder')
  const waiting: Array<{ volley: Volley; overtaken: number }> = []
  for (const volley of volleys) {
    waiting.push({ volley, overtaken: 0 })
    if (waiting.length > window) yield next()
  }
  while (waiting.length > 0) yield next()

  function next(): Volley {
    const isLate = (waiting[0]?.overtaken ?? 0) >= window
    const picked = isLate ? 0 : detail.integer(0, waiting.length - 1)
    for (const earlier of waiting.slice(0, picked)) earlier.overtaken += 1
    const [taken] = waiting.splice(picked, 1)
    if (taken === undefined) throw new Error('nothing is waiting') // never: called only when something is
    return taken.volley
  }
}
