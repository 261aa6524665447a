import type { Logger } from '@hookport/core'
import type { Viewer } from '../access/access.ts'
import { Denial } from '../access/denial.ts'
import type { ChangeName } from '../rooms.ts'
import type { Store } from '../stores.ts'

/** One request changes at most this many events. The page then sends the next ones, and shows its progress. */
const mostKeys = 500
const atOnce = 50

/** The fields of a change. */
export interface Wanted {
  readonly [name: string]: unknown
}

interface ChangeTools {
  readonly store: Store
  readonly viewer: Viewer
  readonly logger: Logger
}

type Change = (wanted: Wanted, tools: ChangeTools) => Promise<object>

/**
 * Everything that the page can change. What is discarded must still be in the state in which it was shown: a dead letter that somebody else has redriven
 * meanwhile is an event that waits for its handlers.
 */
export const changes: Readonly<Record<ChangeName, Change>> = {
  redrive: (wanted, tools) => {
    const options = { again: wanted.again === true }
    return eachKey('redriven', wanted, tools, async (key) => {
      const source = key.split(/[@:]/, 1)[0]
      const owner = tools.store.receivers.find((receiver) => receiver.source === source)
      return owner ? owner.redrive(key, options) : tools.store.inbox.redrive(key, options)
    })
  },
  discard: (wanted, tools) => {
    const { inbox } = tools.store
    const state = textIn(wanted, 'state')
    const isAsShown = async (key: string) => state === undefined || (await inbox.get(key))?.state === state
    return eachKey('discarded', wanted, tools, async (key) => (await isAsShown(key)) && inbox.discard(key))
  },
  pause: (wanted, tools) => {
    const reason = textIn(wanted, 'reason') ?? `paused in the inspector${byWhom(tools.viewer)}`
    return ask('pause', wanted, tools, { ...handlerOf(wanted), reason })
  },
  resume: (wanted, tools) => ask('resume', wanted, tools, handlerOf(wanted)),
  replay: (wanted, tools) => {
    const { from, to, type, tenant, handler, limit, again, id, dryRun } = wanted
    const given = Object.entries({ from, to, type, tenant, handler, limit, again, id, dryRun })
    return ask('replay', wanted, tools, Object.fromEntries(given.filter(([, value]) => value !== undefined)))
  },
}

async function eachKey(
  done: string,
  { keys }: Wanted,
  { viewer, logger, store }: ChangeTools,
  act: (key: string) => Promise<boolean>,
): Promise<object> {
  if (!Array.isArray(keys) || keys.length > mostKeys || keys.some((key) => typeof key !== 'string'))
    throw new Denial(400, 'invalid', `keys must be a list of at most ${mostKeys} keys`)
  const { count, notFound, failures } = await actOnAll(keys, act)
  if (count > 0 || failures.length === 0)
    logger.info(
      { inbox: store.inbox.name, by: viewer.name, events: count, ...(keys.length === 1 && { key: keys[0] }) },
      `${done} in the inspector`,
    )
  if (failures.length > 0) throw failures[0]
  return { [done]: count, notFound }
}

/** Goes on until something fails. Then what was done before still counts. */
async function actOnAll(keys: readonly string[], act: (key: string) => Promise<boolean>) {
  const notFound: string[] = []
  const failures: unknown[] = []
  let count = 0
  for (let first = 0; first < keys.length && failures.length === 0; first += atOnce) {
    const some = keys.slice(first, first + atOnce)
    for (const [index, ended] of (await Promise.allSettled(some.map(act))).entries()) {
      if (ended.status === 'rejected') failures.push(ended.reason)
      else if (ended.value) count += 1
      else notFound.push(some[index] as string)
    }
  }
  return { count, notFound, failures }
}

/** @throws {Denial} if the receiver is not known, or can't do this. */
async function ask(
  ability: 'pause' | 'resume' | 'replay',
  wanted: Wanted,
  { store, viewer, logger }: ChangeTools,
  argument: Record<string, unknown>,
): Promise<object> {
  const source = textIn(wanted, 'source')
  const receiver = store.receivers.find((one) => one.source === source)
  if (typeof receiver?.[ability] !== 'function')
    throw new Denial(400, 'unable', `there is no receiver ${source ?? ''} here that can ${ability}`)
  const result = await receiver[ability](argument)
  const about = { inbox: store.inbox.name, by: viewer.name, source, ...argument }
  if (argument.dryRun !== true) logger.info(about, `${ability} in the inspector`)
  return { result: result ?? null }
}

function handlerOf(wanted: Wanted): { handler?: string } {
  const handler = textIn(wanted, 'handler')
  return handler === undefined ? {} : { handler }
}

function textIn(wanted: Wanted, name: string): string | undefined {
  const value = wanted[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function byWhom({ name }: Viewer): string {
  return name === undefined ? '' : ` by ${name}`
}
