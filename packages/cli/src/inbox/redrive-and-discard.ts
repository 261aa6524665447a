import { exitCodes, UsageError } from '../terminal/exit-codes.ts'
import { filterFlags, type InboxAction, type InboxCall, readFilter } from './inbox-action.ts'
import { eventsOf } from './list.ts'

/** Redrives dead letters, so that they are handled again. */
export const redriveAction: InboxAction = (call) =>
  forEachKey(call, 'redriven', (key) =>
    call.inbox.redrive(key, { again: call.flags.has('again'), force: call.flags.has('force') }),
  )

/**
 * Deletes events that are not active. Their ids stay remembered. With `--all` they must still be dead letters: one that was redriven while a person was
 * asked waits for its handlers.
 */
export const discardAction: InboxAction = (call) =>
  forEachKey(call, 'discarded', async (key) => {
    if (call.flags.has('all') && (await call.inbox.get(key))?.state !== 'dead') return false
    return call.inbox.discard(key)
  })

async function forEachKey(
  call: InboxCall,
  done: 'redriven' | 'discarded',
  act: (key: string) => boolean | Promise<boolean>,
): Promise<0 | 1> {
  const { flags, terminal } = call
  const keys = await keysOf(call)
  if (done === 'discarded' && flags.has('all') && !(await isMeant(keys.length, call))) return exitCodes.no
  const succeeded: string[] = []
  const notFound: string[] = []
  const tried = async (key: string) => {
    try {
      return await act(key)
    } catch (error) {
      terminal.progress('')
      terminal.note(`${succeeded.length} of ${keys.length} ${done} before ${key}, at which it failed`)
      throw error
    }
  }
  for (const key of keys) {
    if (terminal.signal.aborted) break
    const found = await tried(key)
    if (found) succeeded.push(key)
    else notFound.push(key)
    terminal.progress(`${succeeded.length} of ${keys.length} ${done}`)
  }
  terminal.progress('')
  if (flags.has('json')) terminal.print(JSON.stringify({ [done]: succeeded, notFound }))
  else {
    for (const key of notFound) terminal.note(`not ${done}: ${key}: there is no such ${noun(done)}`)
    terminal.print(`${succeeded.length} ${done}`)
  }
  const left = keys.length - succeeded.length - notFound.length
  if (left > 0) terminal.note(`interrupted: ${left} of ${keys.length} are left as they were`)
  return notFound.length + left === 0 ? exitCodes.ok : exitCodes.no
}

/** Discarded events are gone, so a person is asked first. */
async function isMeant(count: number, { flags, terminal }: InboxCall): Promise<boolean> {
  if (flags.has('yes') || count === 0) return true
  const answer = await terminal.confirm(`Discard ${count} dead letters? This can't be undone`)
  if (answer === undefined)
    throw new UsageError(
      `discard --all would delete ${count} dead letters, and there is nobody to ask: give --yes`,
    )
  if (!answer) terminal.note('nothing was discarded')
  return answer
}

/** The given keys, or those of all dead letters that match the filters. */
async function keysOf({ inbox, flags, operands }: InboxCall): Promise<readonly string[]> {
  if (!flags.has('all')) {
    if (operands.length === 0) throw new UsageError('give keys, or --all for all dead letters')
    const filter = filterFlags.find((name) => flags.has(name))
    if (filter !== undefined)
      throw new UsageError(`--${filter} selects among all dead letters: give it with --all, and no keys`)
    return operands
  }
  if (operands.length > 0) throw new UsageError('give keys or --all, not both')
  const filter = readFilter(flags)
  if (filter.state !== undefined && filter.state !== 'dead')
    throw new UsageError('--all is for dead letters only; discard others by their keys')
  const keys: string[] = []
  for await (const { key } of eventsOf(inbox, { ...filter, state: 'dead' })) keys.push(key)
  return keys
}

function noun(done: 'redriven' | 'discarded'): string {
  return done === 'redriven' ? 'dead letter' : 'event that could be discarded'
}
