import { setTimeout as sleep } from 'node:timers/promises'
import { isRejection, type Subject } from '../subjects.ts'
import { Answers, type WrongAnswer } from '../wrong-answers.ts'
import { everyWrongAnswer, Windows } from './candidates.ts'
import { watched } from './expectations.ts'

/** What is not found by then is not looked for any longer. */
const perTestMs = Number(process.env.SECONDS_PER_TEST ?? 60) * 1000
const hangsMs = 8_000
/** Then tests that may need a step are perhaps not among those that are tried. */
const isPart = process.env.ONLY !== undefined
/** How many wrong answers are tried at once. */
const atOnce = { inbox: 12, receiver: 3 }

/** What is known of expectations, by their places. Steps are shared by tests: one that is needed in any of them is needed. */
export class Places {
  readonly met = new Set<string>()
  /** Those that fail for some flaw, and the expectations that fail with them. */
  readonly failed = new Map<string, Set<string>>()
  /** Those that some flaw passes by where they are blanked, or that a right inbox needs. */
  readonly needed = new Set<string>()
}

type Flawed = (answers: Answers) => Promise<unknown>

/** What a flaw shows: that an expectation is needed that was not known to be, nothing new, or nothing that is sure. */
type Finding = 'needed' | 'known' | 'unsure'

/** Runs a test over a flaw, and again without each expectation that fails. */
export async function tryFlaw(test: Flawed, places: Places, wrong?: WrongAnswer): Promise<Finding> {
  const { failed, isRejected } = await outcomeOf(test, { wrong })
  if (!isRejected) return 'known'
  let finding: Finding = 'known'
  for (const place of failed) {
    const others = places.failed.get(place) ?? new Set()
    places.failed.set(place, others)
    if (places.needed.has(place)) continue
    const isNew = await isNeeded({ place, test, wrong }, others)
    if (isNew) places.needed.add(place)
    if (isNew || finding === 'known') finding = isNew ? 'needed' : 'unsure'
  }
  return finding
}

/** Whether a flaw is noticed with this expectation, and not without it. On a busy machine one run says little. */
async function isNeeded(
  { place, test, wrong }: { place: string; test: Flawed; wrong: WrongAnswer | undefined },
  others: Set<string>,
): Promise<boolean> {
  for (let run = 0; run < 2; run++) {
    const without = await outcomeOf(test, { wrong, blanked: place })
    for (const other of without.failed) others.add(other)
    if (without.isRejected) return false
    if (!(await outcomeOf(test, { wrong })).isRejected) return false
  }
  return true
}

/** The search for wrong answers that only one expectation of a test notices. */
export class Search {
  readonly found: WrongAnswer[] = []
  readonly #subject: Subject
  readonly #places: Places
  #right = new Answers()
  #windows = new Windows(this.#right)
  #met: readonly string[] = []

  constructor(subject: Subject, places: Places) {
    this.#subject = subject
    this.#places = places
  }

  /** Keeps what is known and says something that nothing else says. */
  async tryKnown(known: readonly WrongAnswer[]): Promise<void> {
    const met = await this.#rightRun()
    this.#met = [...met].sort(ownFirst)
    for (const place of met) this.#places.met.add(place)
    await forEach(known, this.#atOnce, async (wrong) => {
      if ((await tryFlaw(this.#subject.run, this.#places, wrong)) !== 'known') this.found.push(wrong)
    })
  }

  async #rightRun(): Promise<ReadonlySet<string>> {
    for (let runs = 0; ; runs++) {
      this.#right = new Answers()
      this.#windows = new Windows(this.#right)
      const test = () => this.#subject.run(this.#right).finally(() => this.#right.end())
      const { met, result } = await watched(test, { follower: this.#windows })
      if (result.status === 'fulfilled') return met
      if (runs > 5) throw new Error(`${this.#subject.id} fails where all is right`, { cause: result.reason })
    }
  }

  /** A wait is needed where a right inbox that takes its time fails without it. */
  async tryWaits(): Promise<void> {
    const { run, runSlowly = () => run(new Answers()) } = this.#subject
    await forEach(this.#missing(), this.#atOnce, (place) => findWait(place, runSlowly, this.#places))
  }

  async findMore(): Promise<void> {
    const until = Date.now() + perTestMs
    const missing = this.#missing()
    for (const [at, place] of missing.entries()) {
      const placeUntil = Date.now() + (until - Date.now()) / (missing.length - at)
      const isOver = () => this.#places.needed.has(place) || Date.now() > placeUntil
      await this.#tryEach(this.#windows.candidatesFor(place), isOver)
    }
    const isOver = () => this.#missing().length === 0 || Date.now() > until
    await this.#tryEach(everyWrongAnswer(this.#right), isOver)
  }

  get #atOnce(): number {
    return this.#subject.runSlowly ? atOnce.inbox : atOnce.receiver
  }

  #missing(): string[] {
    return this.#met.filter((place) => !this.#places.needed.has(place) && !(isPart && isStep(place)))
  }

  async #tryEach(wrong: readonly WrongAnswer[], isOver: () => boolean): Promise<void> {
    await forEach(wrong, this.#atOnce, async (one) => {
      if (!isOver() && (await tryFlaw(this.#subject.run, this.#places, one)) === 'needed')
        this.found.push(one)
    })
  }
}

/** Steps come last, as they are needed in some other test. */
function ownFirst(one: string, other: string): number {
  return Number(isStep(one)) - Number(isStep(other))
}

function isStep(place: string): boolean {
  return place.includes('steps/') || place.includes('bench/')
}

async function findWait(place: string, test: () => Promise<unknown>, places: Places): Promise<void> {
  for (let run = 0; run < 2; run++) {
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
  answers.end()
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
