import {
  type Ask,
  type Asking,
  ConfigurationError,
  defineSource,
  type ListedPage,
  type ListedThing,
  type Source,
} from '@hookport/core'
import { anything } from '../definition-kit/check-options.ts'
import { checkedUrl } from '../management/check-call.ts'
import { ManagementError } from '../management/error.ts'
import {
  checkSourceOptions,
  isFinal,
  type ListingSourceOptions,
  timeOf,
  unlessMissing,
} from '../management/source.ts'
import type { JaotApiOptions } from './call.ts'
import { eventOfRun, isEndOfRun } from './run-event.ts'
import { getRun, type Run, readRunPage } from './runs.ts'
import { getTrigger, listTriggers } from './triggers.ts'

/** How JAOT is asked for the runs that have ended. */
export interface JaotRunsOptions
  extends Omit<JaotApiOptions, 'signal' | 'maxWaitMs' | 'onRateLimit'>,
    ListingSourceOptions<Run> {
  /** `trg_…`: the triggers that report to this receiver. Defaults to `all`, which only a receiver that is named `jaot` can have. */
  triggers?: readonly string[] | 'all' | undefined
}

/** As many as JAOT answers. */
const pageSize = 100

/**
 * Compares what a receiver of JAOT has taken on with the runs of its triggers, for its option `reconcile`. A run that ended and was not told of
 * is taken on in the form in which JAOT really sends it.
 *
 * @throws {ConfigurationError} for an option that can't work.
 */
export function jaotRuns(options: JaotRunsOptions): Source {
  const { every, lookBack, from, share, triggers = 'all', tenantOf, ...api } = options
  checkSourceOptions('jaotRuns', options, { triggers: anything })
  checkedUrl(options.baseUrl)
  checkTriggers(triggers)
  const names = new Map<string, string>()
  const calling = ({ signal, onRateLimit }: Asking) => ({ ...api, signal, onRateLimit, maxWaitMs: 0 })

  /** An event has the name of its trigger, and a run has not. */
  async function nameOf(triggerId: string, ask: Ask): Promise<string> {
    const known = names.get(triggerId)
    if (known !== undefined) return known
    const { answer } = await ask((asking) => getTrigger({ ...calling(asking), id: triggerId }))
    return note(triggerId, answer)
  }

  function note(triggerId: string, { name }: Readonly<Record<string, unknown>>): string {
    const text = typeof name === 'string' ? name : triggerId
    names.set(triggerId, text)
    return text
  }

  async function listsOf(asking: Asking): Promise<string[]> {
    const all = await listTriggers(calling(asking))
    for (const { id, answer } of all) note(id, answer)
    return all.map(({ id }) => id)
  }

  function listed(triggerId: string, run: Run): ListedThing {
    const endedAt = timeOf(run.completed_at)
    return {
      subject: run.id,
      tenant: tenantOf?.(run),
      status: run.status,
      createdAt: timeOf(run.created_at),
      hasEnded: isEndOfRun(run.status),
      endedAt,
      deliveryFailed: failureOf(run),
      answer: run,
      event: async (ask) => eventOfRun(run, triggerId, await nameOf(triggerId, ask)),
    }
  }

  return defineSource({
    provider: 'jaot',
    every,
    lookBack,
    from,
    share,
    isWhole: triggers === 'all',
    hasTenants: tenantOf !== undefined,
    isFinal,
    lists: (asking) => (triggers === 'all' ? listsOf(asking) : triggers),
    async readPage(triggerId, { pagesBefore }, asking): Promise<ListedPage> {
      const page = pagesBefore + 1
      const found = await readRunPage({ ...calling(asking), triggerId, page, pageSize }, pagesBefore > 0)
      const { items, total, pageSize: size } = found.page
      const wanted = Math.min(size, total - size * pagesBefore)
      if (found.count < wanted)
        throw new ManagementError(
          'unexpected',
          `page ${page} of the runs of ${triggerId} has ${found.count} of ${wanted}: it was cut off`,
        )
      const isLast = page * size >= total
      return { items: items.map((run) => listed(triggerId, run)), count: found.count, isLast }
    },
    async find(triggerId, runId, asking) {
      const run = await unlessMissing(getRun({ ...calling(asking), triggerId, runId }))
      return run && listed(triggerId, run)
    },
  })
}

/** A text would be read letter by letter, and no trigger at all would look like one that misses nothing. */
function checkTriggers(triggers: unknown): void {
  const areIds =
    Array.isArray(triggers) && triggers.length > 0 && triggers.every((id) => typeof id === 'string' && id)
  if (triggers === 'all' || areIds) return
  throw new ConfigurationError(
    `reconcile: triggers is ${JSON.stringify(triggers)}; it must be a list of ids of triggers, at least one, or 'all'`,
  )
}

/** What a person can act on. */
function failureOf({ webhook_delivered, webhook_attempts }: Run): string | undefined {
  if (webhook_delivered !== false) return undefined
  if (webhook_attempts === 0)
    return 'JAOT has sent no webhook of it: it sends none of a run that ended by an unexpected error'
  const times = typeof webhook_attempts === 'number' ? ` ${webhook_attempts} times` : ''
  return `JAOT has sent its webhook${times}, and was not answered 2xx: do the URL and the secret of its trigger fit this receiver, and can it be reached from outside?`
}
