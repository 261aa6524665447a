import { setTimeout as sleep } from 'node:timers/promises'
import { isRejection, type Subject } from '../subjects.ts'
import { Answers, type WrongAnswer } from '../wrong-answers.ts'
import { everyWrongAnswer, Windows } from './candidates.ts'
import { watched } from './expectations.ts'

/** What is not found by then is not looked for any longer. */
const perTestMs = Number(process.env.SECONDS_PER_TEST ?? 60) * 1000
const perPlaceMs = perTestMs / 4
const hangsMs = 8_000
/** How many wrong answers are tried at once. */
const atOnce = 4

/** What is known of expectations, by their places. Steps are shared by tests: one that is needed in any of them is needed. */
export class Places {
  readonly met = new Set<string>()
  /** Those that fail for some flaw, and the expectations that fail with them. */
  readonly failed = new Map<string, Set<string>>()
  /** Those that some flaw passes by where they are blanked, or that a right inbox needs. */
  readonly needed = new Set<string>()
}

type Flawed = (answers: Answers) => Promise<unknown>

/** Runs a test over a flaw, and again without each expectation that fails. Answers whether it finds one that is needed, and was not known to be. */
export async function findNeeded(test: Flawed, places: Places, wrong?: WrongAnswer): Promise<boolean> {
  const { failed, isRejected } = await outcomeOf(test, { wrong })
  if (!isRejected) return false
  let finds = false
  for (const place of failed) {
    const others = places.failed.get(place) ?? new Set()
    places.failed.set(place, others)
    if (places.needed.has(place) || !(await isNeeded({ place, test, wrong }, others))) continue
    finds = !places.needed.has(place)
    places.needed.add(place)
  }
  return finds
}

/** Whether a flaw is noticed with this expectation, and not without it. On a busy machine one run says little. */
async function isNeeded(
  { place, test, wrong }: { place: string; test: Flawed; wrong: WrongAnswer | undefined },
  others: Set<string>,
): Promise<boolean> {
  for (let run = 0; run < 3; run++) {
    const without = await outcomeOf(test, { wrong, blanked: place })
    for (const other of without.failed) others.add(other)
    if (without.isRejected) return false
    if (!(await outcomeOf(test, { wrong })).isRejected) return false
  }
  return true
}

/** Looks for wrong answers that only one expectation of a test notices. */
export async function findWrongAnswers(
  { run, runSlowly }: Subject,
  known: readonly WrongAnswer[],
  places: Places,
): Promise<WrongAnswer[]> {
  const until = performance.now() + perTestMs
  const right = new Answers()
  const windows = new Windows(right)
  const { met } = await watched(() => run(right), { follower: windows })
  for (const place of met) places.met.add(place)
  const missing = () => [...met].filter((place) => !places.needed.has(place)).sort(ownFirst)
  const found: WrongAnswer[] = []
  const tryEach = async (wrong: readonly WrongAnswer[], isOver: () => boolean) => {
    await forEach(wrong, atOnce, async (one) => {
      if (!isOver() && (await findNeeded(run, places, one))) found.push(one)
    })
  }
  const isLate = () => performance.now() > until
  await tryEach(known, () => false)
  if (runSlowly) await forEach(missing(), atOnce, (place) => findWait(place, runSlowly, places))
  for (const place of missing()) {
    const placeUntil = performance.now() + perPlaceMs
    const isOver = () => places.needed.has(place) || performance.now() > placeUntil || isLate()
    await tryEach(windows.candidatesFor(place), isOver)
  }
  await tryEach(everyWrongAnswer(right), () => missing().length === 0 || isLate())
  return found
}

/** Steps come last, as they are needed in some other test. */
function ownFirst(one: string, other: string): number {
  return Number(one.includes('steps/')) - Number(other.includes('steps/'))
}

/** A wait is needed where a right inbox that takes its time fails without it. */
async function findWait(place: string, test: () => Promise<unknown>, places: Places): Promise<void> {
  for (let run = 0; run < 3; run++) {
    const { result } = await watched(test, { blanked: place })
    if (result.status === 'fulfilled') return
  }
  if ((await watched(test)).result.status === 'fulfilled') places.needed.add(place)
}

interface Trial {
  readonly wrong: WrongAnswer | undefined
  readonly blanked?: string
}

async function outcomeOf(test: Flawed, { wrong, blanked }: Trial) {
  const answers = new Answers(wrong)
  const run = () => Promise.race([test(answers), sleep(hangsMs)])
  const { result, failed } = await watched(run, { blanked })
  answers.isOver = true
  return { failed, isRejected: result.status === 'rejected' && isRejection(result.reason) }
}

export async function forEach<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const rest = [...items].reverse()
  const worker = async () => {
    for (let item = rest.pop(); item !== undefined; item = rest.pop()) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
