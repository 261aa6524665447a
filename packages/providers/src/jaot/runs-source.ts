import {
  type Ask,
  type Asking,
  ConfigurationError,
  completeClock,
  defineSource,
  foundValue,
  type ListedPage,
  type ListedThing,
  type Source,
} from '@hookport/core'
import { anything } from '../definition-kit/check-options.ts'
import { checkedUrl } from '../management/check-call.ts'
import { ManagementError, unlessMissing } from '../management/error.ts'
import {
  checkSourceOptions,
  isFinal,
  type ListingSourceOptions,
  listedThings,
  timeOf,
} from '../management/source.ts'
import type { JaotApiOptions } from './call.ts'
import { eventOfRun, isEndOfRun } from './run-event.ts'
import { getRun, type Run, readRunPage } from './runs.ts'
import { getTrigger, listTriggers } from './triggers.ts'

/** Options of the source that asks JAOT for runs that have ended. */
export interface JaotRunsOptions
  extends Omit<JaotApiOptions, 'signal' | 'maxWaitMs' | 'onRateLimit'>,
    ListingSourceOptions<Run> {
  /** `trg_…`: the triggers that report to this receiver. Defaults to `all`, which is only allowed for a receiver with the name `jaot`. */
  triggers?: readonly string[] | 'all' | undefined
}

/** Of a run that its schedule left out, as the one before it went on. It is over, and nothing is ever sent: waiting for it, no pass would get past it. */
const skipped = 'skipped_overlap'

/** The largest page that JAOT answers. */
const pageSize = 100

/**
 * A source for the option `reconcile` of a JAOT receiver: it compares what was taken on with the runs of its triggers. A run that ended without a
 * webhook is taken on in the form that JAOT really sends.
 *
 * @throws {ConfigurationError} for an option that can't work.
 */
export function jaotRuns(options: JaotRunsOptions): Source {
  checkSourceOptions('jaotRuns', options, { triggers: anything })
  const { every, lookBack, from, share, triggers = 'all', tenantOf, ...api } = options
  checkedUrl(options.baseUrl)
  checkTriggers(triggers)
  const names = new Map<string, string>()
  const calling = ({ signal, onRateLimit }: Asking) => ({ ...api, signal, onRateLimit, maxWaitMs: 0 })

  /** An event has the name of its trigger, but a run does not. */
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
      isOther: run.status === skipped,
      status: run.status,
      createdAt: timeOf(run.created_at),
      hasEnded: isEndOfRun(run.status),
      endedAt,
      deliveryFailed: failureOf(run, endedAt, completeClock(options.clock).now()),
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
      const { items, total, page: answered, pageSize: size } = found.page
      if (answered !== page)
        throw new ManagementError(
          'unexpected',
          `page ${page} of the runs of ${triggerId} was asked for, and page ${answered} was answered`,
        )
      const wanted = Math.min(size, total - size * pagesBefore)
      if (found.count < wanted)
        throw new ManagementError(
          'unexpected',
          `page ${page} of the runs of ${triggerId} has ${found.count} of ${wanted}: it was cut off`,
        )
      const isLast = page * size >= total
      return { items: listedThings(items, (run) => listed(triggerId, run)), count: found.count, isLast }
    },
    async find(triggerId, runId, asking) {
      const run = await unlessMissing(getRun({ ...calling(asking), triggerId, runId }))
      return run && listed(triggerId, run)
    },
  })
}

/** A string would be read letter by letter, and an empty list would look like nothing is missing. */
function checkTriggers(triggers: unknown): void {
  const areIds =
    Array.isArray(triggers) && triggers.length > 0 && triggers.every((id) => typeof id === 'string' && id)
  if (triggers === 'all' || areIds) return
  throw new ConfigurationError(
    `reconcile: triggers is ${foundValue(triggers)}; it must be a list of at least one trigger id, or 'all'`,
  )
}

/** JAOT tries a webhook for five and a half minutes. What it has not begun with after this time, it never will. */
const longestMs = 15 * 60_000

/** A reason that a person can act on. */
function failureOf(
  { webhook_delivered, webhook_attempts }: Run,
  endedAt: number | undefined,
  now: number,
): string | undefined {
  const isOpen = webhook_delivered !== false && !(endedAt !== undefined && endedAt < now - longestMs)
  if (webhook_delivered === true || isOpen) return undefined
  if (webhook_attempts === 0)
    return 'JAOT has sent no webhook of it: it sends none for a run that ended with an unexpected error'
  if (webhook_delivered !== false) return undefined
  const times = typeof webhook_attempts === 'number' ? ` ${webhook_attempts} times` : ''
  return `JAOT has sent its webhook${times}, but got no 2xx reply: do the URL and the secret of its trigger match this receiver, and can it be reached from outside?`
}
