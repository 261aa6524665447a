import { type ReplayProgress, type ReplayRequest, replayEvents } from '@hookport/core'
import { rejectOperands } from '../flags/flags.ts'
import { exitCodes, UsageError } from '../terminal/exit-codes.ts'
import { filterFlags, type InboxAction, type InboxCall, readFilter, readOwner } from './inbox-action.ts'
import { unknownHandler } from './known-handlers.ts'

const barWidth = 30

/**
 * Replays handled events. It says first how to continue it, as it may be killed. That names the times: a relative one moves on, and what is handled
 * meanwhile is not part of it.
 */
export const replayAction: InboxAction = async (call) => {
  const { inbox, flags, operands, terminal } = call
  rejectOperands('inbox replay', operands)
  assertBounded(call)
  const request = requestOf(call)
  const source = flags.text('source')
  const tools = { inbox, source }
  await assertKnownHandler(request.handler, call)
  const { replayed: found } = await replayEvents({ ...request, dryRun: true }, tools)
  const total = Math.min(found, request.limit ?? found)
  if (found === 0) await noteNothingKept(call)
  if (flags.has('dry-run')) {
    terminal.print(
      flags.has('json')
        ? JSON.stringify({ id: request.id, wouldReplay: total })
        : `${total} would be replayed`,
    )
    return exitCodes.ok
  }
  const restFlags = (replayed = 0) => flagsOfRest(request, replayed)
  terminal.note(`if it is cut off, the same command with ${restFlags()} continues it`)
  let done = 0
  const onProgress = ({ replayed }: ReplayProgress) => {
    done = replayed
    terminal.progress(bar(replayed, total))
  }
  const running = replayEvents({ ...request, onProgress, signal: terminal.signal }, tools)
  const result = await running.catch((error) => {
    terminal.note(`it failed: the same command with ${restFlags(done)} continues from here`)
    throw error
  })
  terminal.progress('')
  const { replayed } = result
  if (flags.has('json')) terminal.print(JSON.stringify(result))
  else terminal.print(`${replayed} replayed`)
  const isCutOff = terminal.signal.aborted || replayed === request.limit
  if (!result.isComplete && !isCutOff)
    terminal.note(
      `another replay is handling some of them: after that, the same command with ${restFlags(replayed)} replays them too`,
    )
  if (!terminal.signal.aborted || replayed === request.limit) return exitCodes.ok
  terminal.note(`interrupted: the same command with ${restFlags(replayed)} continues from here`)
  return exitCodes.no
}

const bounds = [...filterFlags.filter((name) => name !== 'source'), 'limit', 'dry-run', 'all']

/** Handled events may be all that came for months. */
function assertBounded({ flags }: InboxCall): void {
  if (bounds.some((name) => flags.has(name))) return
  throw new UsageError(
    'replay would handle every event again that is kept: choose some, by --since for example, look first by --dry-run, or give --all',
  )
}

/** Otherwise nobody would see why there is nothing to replay. */
async function noteNothingKept({ inbox, flags, terminal }: InboxCall): Promise<void> {
  const { handled } = await inbox.counts(readOwner(flags))
  if (handled === 0)
    terminal.note('no handled event is kept: a receiver with the option keepHandledFor keeps them')
}

/** A replay for a misspelt name can't be taken back: its events wait, and only to discard them ends that, with the loss of what was kept. */
async function assertKnownHandler(
  handler: string | undefined,
  { inbox, flags, terminal }: InboxCall,
): Promise<void> {
  const unknown = await unknownHandler(handler, { inbox, source: flags.text('source') })
  if (unknown === undefined) return
  const what = `${unknown}: what is replayed for it waits for a process that has it, and blocks its order key`
  if (!flags.has('yes') && !flags.has('dry-run'))
    throw new UsageError(`${what}. Give --yes if it is new, and a process has it or the next deploy will`)
  terminal.note(what)
}

type Request = ReplayRequest & {
  readonly id: string
  readonly from: number | undefined
  readonly to: number
}

function requestOf({ flags }: InboxCall): Request {
  const { state, type, tenant, receivedFrom, receivedBefore } = readFilter(flags)
  if (state !== undefined) throw new UsageError('replay is for handled events only: leave out --state')
  return {
    id: flags.text('id') ?? crypto.randomUUID(),
    type,
    tenant,
    from: receivedFrom,
    to: receivedBefore ?? Date.now() + 1,
    handler: flags.text('handler'),
    again: flags.has('again'),
    limit: flags.number('limit', { min: 1, whole: true }),
    perSecond: flags.number('per-second', { min: 1 }),
  }
}

/** What is given once more replaces what was given before. */
function flagsOfRest({ id, from, to, limit }: Request, replayed: number): string {
  const since = from === undefined ? '' : ` --since ${timeOf(from)}`
  const left = limit === undefined ? '' : ` --limit ${limit - replayed}`
  return `--id ${id}${since} --until ${timeOf(to)}${left}`
}

function timeOf(instant: number): string {
  return new Date(instant).toISOString()
}

/** @param counted how many there were at first. There may be more by now: what waited then may be handled. */
function bar(done: number, counted: number): string {
  const total = Math.max(done, counted)
  const filled = total === 0 ? barWidth : Math.round((barWidth * done) / total)
  return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${done} of ${total} replayed`
}
