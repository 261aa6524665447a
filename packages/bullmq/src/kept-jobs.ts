import {
  type Counts,
  type EventPage,
  type EventState,
  type EventSummary,
  eventStates,
  type KeptEvent,
  type ListFilter,
  type Progress,
  type RedriveOptions,
  type ReplayOptions,
  redrivenProgress,
  replayedProgress,
} from '@hookport/core'
import { progressOf, readJobData, readProgress, readSummary, toJobProgress } from './layout/job-data.ts'
import { jobIdOf, type Keys, sourceOf } from './layout/keys.ts'
import type { RedisLink } from './redis/redis-link.ts'
import type { ScriptName } from './redis/scripts.ts'

/** How many scans one page makes at most. A search without a match would otherwise take seconds. */
const mostScans = 10

/** BullMQ's states in the order in which they are listed, and ours. */
const states: Readonly<Record<string, EventState>> = {
  failed: 'dead',
  active: 'active',
  delayed: 'scheduled',
  'waiting-children': 'parked',
  prioritized: 'pending',
  wait: 'pending',
  behind: 'pending',
  completed: 'handled',
}

/** The shelves of a listing, one after the other. */
interface Shelf {
  readonly source: string
  readonly state: string
}

/** Where a listing continues: which shelf, the position on it, and the job that was there with its score. Empty where that is not known. */
interface Place {
  shelf: number
  offset: number
  score: string
  landmark: string
}

type FoundJob = [state: string, data: string, progress: string, score: string]

type Found = [offset: number, jobId: string, data: string, progress: string, score: string]

/** What operators see and do, over the jobs of all sources. */
export class KeptJobs {
  readonly #link: RedisLink
  readonly #keys: Keys

  constructor(link: RedisLink, keys: Keys) {
    this.#link = link
    this.#keys = keys
  }

  async counts({ source, tenant }: { source?: string; tenant?: string }): Promise<Counts> {
    const counts = Object.fromEntries(eventStates.map((state) => [state, 0])) as Record<EventState, number>
    for (const one of await this.#sources(source)) {
      if (tenant === undefined) {
        const found = (await this.#run('counts', one, [])) as number[]
        for (const [index, state] of eventStates.entries()) counts[state] += found[index] ?? 0
      } else {
        for await (const { item } of this.#walk({ source: one, tenant }, undefined))
          if (item !== undefined) counts[item.state] += 1
      }
    }
    return counts
  }

  async list(filter: ListFilter): Promise<EventPage> {
    const limit = filter.limit ?? 50
    const items: EventSummary[] = []
    let scans = 0
    for await (const { item, cursor } of this.#walk(filter, filter.cursor)) {
      if (item === undefined) scans += 1
      if (items.length === limit || scans === mostScans) return { items, cursor }
      if (item !== undefined) items.push(item)
    }
    return { items }
  }

  async get(key: string): Promise<KeptEvent | undefined> {
    const found = await this.#find(key)
    if (found.length === 0) return undefined
    const [, data] = found
    return { ...summarize(...found), rawBody: readJobData(data).rawBody }
  }

  async knows(names: readonly string[]): Promise<boolean> {
    const [name] = names
    return name !== undefined && (await this.#run('knows', sourceOf(name), [...names])) === 1
  }

  redrive(key: string, options?: RedriveOptions): Promise<boolean> {
    return this.#handleAgain('redrive', key, (progress) => redrivenProgress(progress, options))
  }

  replay(key: string, options: ReplayOptions): Promise<boolean> {
    return this.#handleAgain('replay', key, (progress) => replayedProgress(progress, options), options.id)
  }

  async discard(key: string): Promise<boolean> {
    return (await this.#run('discard', sourceOf(key), [jobIdOf(key)])) === 1
  }

  async #find(key: string): Promise<FoundJob | []> {
    return (await this.#run('find', sourceOf(key), [jobIdOf(key)])) as FoundJob | []
  }

  /** Where others have handled the event between the two calls, its progress is another one, and is read anew. */
  async #handleAgain(
    script: 'redrive' | 'replay',
    key: string,
    anew: (progress: Progress) => Progress | undefined,
    ...more: string[]
  ): Promise<boolean> {
    for (;;) {
      const [, , found = '']: readonly string[] = await this.#find(key)
      const progress = anew(progressOf(readProgress(found)))
      if (progress === undefined) return false
      const args = [jobIdOf(key), found, toJobProgress(progress), ...more]
      const answer = await this.#run(script, sourceOf(key), args)
      if (answer !== -1) return answer === 1
    }
  }

  #run(script: ScriptName, source: string, args: (string | number)[]): Promise<unknown> {
    const keys = this.#keys.ofScripts(source)
    return this.#link.run({ script, keys, args: () => args, repeatable: false, read: (reply) => reply })
  }

  async #sources(only: string | undefined): Promise<readonly string[]> {
    if (only !== undefined) return [only]
    return (await this.#link.ask((redis) => redis.smembers(this.#keys.sources))).sort()
  }

  async #shelves({ source, state: only }: ListFilter): Promise<Shelf[]> {
    const wanted = Object.keys(states).filter((state) => only === undefined || states[state] === only)
    const sources = await this.#sources(source)
    return sources.flatMap((one) => wanted.map((state) => ({ source: one, state })))
  }

  /** Every event that matches the filter, with the cursor that leads to it. After each scan that has not ended the shelf, the cursor alone. */
  async *#walk(
    filter: ListFilter,
    cursor: string | undefined,
  ): AsyncGenerator<{ item?: EventSummary; cursor: string }> {
    const shelves = await this.#shelves(filter)
    const place = readCursor(cursor)
    while (place.shelf < shelves.length) {
      const { source, state } = shelves[place.shelf] as Shelf
      const [next, found, landmark, landmarkScore] = (await this.#run(
        'scan',
        source,
        scanArguments(state, place, filter),
      )) as [number, Found[], string, string]
      for (const [offset, jobId, data, progress, score] of found) {
        const item = tryToSummarize(state, data, progress, score)
        if (item !== undefined && matches(item, filter))
          yield { item, cursor: writeCursor({ shelf: place.shelf, offset, score, landmark: jobId }) }
      }
      place.shelf += next < 0 ? 1 : 0
      place.offset = Math.max(0, next)
      place.landmark = landmark
      place.score = landmarkScore
      if (next >= 0) yield { cursor: writeCursor(place) }
    }
  }
}

/** The score as Redis writes a number. */
const cursorForm = /^(\d+)\/(\d+)\/(|inf|\d+(?:\.\d+)?(?:e\+\d+)?)\/(.*)/s

/** Whether a text may be a cursor. */
export function isCursor(text: string): boolean {
  return cursorForm.test(text)
}

function readCursor(cursor = '0/0//'): Place {
  const [, shelf, offset, score = '', landmark = ''] = cursorForm.exec(cursor) ?? []
  return { shelf: Number(shelf ?? 0), offset: Number(offset ?? 0), score, landmark }
}

function writeCursor({ shelf, offset, score, landmark }: Place): string {
  return `${shelf}/${offset}/${score}/${landmark}`
}

function scanArguments(
  state: string,
  { offset, landmark, score }: Place,
  filter: ListFilter,
): (string | number)[] {
  const { type, tenant, limit = 50, receivedFrom = 0, receivedBefore = Number.MAX_SAFE_INTEGER } = filter
  const { idIncludes = '', newestFirst = false } = filter
  const ofType = [type === undefined ? 0 : 1, type ?? '']
  const ofTenant = tenant === undefined ? '' : `"tenant":${JSON.stringify(tenant)}`
  const inId = JSON.stringify(idIncludes).slice(1, -1)
  const others = [receivedFrom, receivedBefore, ofTenant, score, newestFirst ? 1 : 0, inId]
  return [state, offset, landmark, limit + 1, ...ofType, ...others]
}

function summarize(state: string, data: string, progressJson: string, score: string): EventSummary {
  const progress = readProgress(progressJson)
  const { attempt, failures } = progress
  return {
    ...readSummary(data),
    state: states[state] as EventState,
    attempt,
    progress: progressOf(progress),
    failures,
    dueAt: state === 'delayed' ? Math.floor(Number(score) / 4_096) : null,
  }
}

/** Undefined for a job that somebody else has added: it is no event. */
function tryToSummarize(...job: Parameters<typeof summarize>): EventSummary | undefined {
  try {
    return summarize(...job)
  } catch {
    return undefined
  }
}

/** Scripts see texts as UTF-8, in which all lone surrogates are the same. */
function matches({ id, type, tenant }: EventSummary, filter: ListFilter): boolean {
  return (
    (filter.idIncludes === undefined || id.includes(filter.idIncludes)) &&
    (filter.type === undefined || type === filter.type) &&
    (filter.tenant === undefined || tenant === filter.tenant)
  )
}
