import type { Inbox } from '../contracts/inbox/inbox.ts'
import type { RedriveOptions } from '../contracts/inbox/progress.ts'
import type { Observe } from '../contracts/receiver/observers.ts'
import type { Receiver, RedriveFilter } from '../contracts/receiver/receiver.ts'
import { allKeys } from './all-keys.ts'

/** Has a dead letter handled again. False if there is none of that key. */
export async function redrive(
  inbox: Inbox,
  observe: Observe,
  key: string,
  options: RedriveOptions | undefined,
): Promise<boolean> {
  const redriven = await inbox.redrive(key, options)
  if (redriven) observe('redriven', () => ({ key }))
  return redriven
}

/** Has every dead letter of a receiver handled again that the filter matches. Answers how many. */
export async function redriveAll(
  { inbox, source }: Pick<Receiver, 'inbox' | 'source'>,
  redriveOne: (key: string) => Promise<boolean>,
  filter: RedriveFilter,
): Promise<number> {
  const keys = await allKeys(inbox, { ...filter, source, state: 'dead' })
  let redriven = 0
  for (const key of keys) if (await redriveOne(key)) redriven += 1
  return redriven
}
