import { setTimeout as sleep } from 'node:timers/promises'
import { isRejection, type Subject } from '../subjects.ts'
import { Answers, type WrongAnswer } from '../wrong-answers.ts'
import { watched } from './expectations.ts'

/** What is not found by then is not looked for any longer. */
const perTestMs = Number(process.env.SECONDS_PER_TEST ?? 60) * 1000
const hangsMs = 10_000

/** What is known of expectations, by their places. Steps are shared by tests: one that is needed in any of them is needed. */
export class Places {
  readonly met = new Set<string>()
  /** Those that fail for some flaw. */
  readonly failed = new Set<string>()
  /** Those that some flaw passes by where they are blanked. */
  readonly needed = new Set<string>()
}

/** Runs a test over a flaw, and again without each expectation that fails. Answers whether it finds one that is needed, and was not known to be. */
export async function findNeeded(test: () => Promise<unknown>, places: Places): Promise<boolean> {
  const { failed, isRejected } = await outcomeOf(test)
  if (!isRejected) return false
  let finds = false
  for (const place of failed) {
    places.failed.add(place)
    if (places.needed.has(place) || !(await isNeeded(place, test))) continue
    places.needed.add(place)
    finds = true
  }
  return finds
}

/** Whether a flaw is noticed with this expectation, and not without it. On a busy machine one run says little. */
async function isNeeded(place: string, test: () => Promise<unknown>): Promise<boolean> {
  for (let run = 0; run < 3; run++) {
    if ((await outcomeOf(test, place)).isRejected) return false
    if (!(await outcomeOf(test)).isRejected) return false
  }
  return true
}

/** Looks for wrong answers that only one expectation of a test notices. */
export async function findWrongAnswers(
  { run }: Subject,
  known: readonly WrongAnswer[],
  places: Places,
): Promise<WrongAnswer[]> {
  const until = performance.now() + perTestMs
  const right = new Answers()
  const { met } = await outcomeOf(() => run(right))
  for (const place of met) places.met.add(place)
  const found: WrongAnswer[] = []
  for (const wrong of [...known, ...wrongAnswersLike(right)]) {
    const isOver = [...met].every((place) => places.needed.has(place)) || performance.now() > until
    if (isOver) break
    if (await findNeeded(() => run(new Answers(wrong)), places)) found.push(wrong)
  }
  return found
}

async function outcomeOf(test: () => Promise<unknown>, blanked?: string) {
  const { result, met, failed } = await watched(() => Promise.race([test(), sleep(hangsMs)]), blanked)
  return { met, failed, isRejected: result.status === 'rejected' && isRejection(result.reason) }
}

function wrongAnswersLike({ given }: Answers): WrongAnswer[] {
  const once = [...given].flatMap(([source, calls]) =>
    calls.flatMap((variants, call) =>
      Array.from({ length: variants }, (_, variant) => ({ source, call, variant })),
    ),
  )
  return [...once, ...once.map((wrong) => ({ ...wrong, onwards: true }))]
}
