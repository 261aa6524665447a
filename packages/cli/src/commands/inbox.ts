import { eventStates } from '@hookport/core'
import { suggestion } from '../flags/nearest-name.ts'
import { backupAction } from '../inbox/backup.ts'
import { countsAction } from '../inbox/counts.ts'
import type { InboxAction } from '../inbox/inbox-action.ts'
import { listAction } from '../inbox/list.ts'
import { openInbox, storeFlags } from '../inbox/open-inbox.ts'
import { discardAction, redriveAction } from '../inbox/redrive-and-discard.ts'
import { showAction } from '../inbox/show.ts'
import { watchAction } from '../inbox/watch.ts'
import { Failure, UsageError } from '../terminal/exit-codes.ts'
import type { Command } from './command.ts'

const actions: Readonly<Record<string, InboxAction>> = {
  counts: countsAction,
  list: listAction,
  watch: watchAction,
  show: showAction,
  redrive: redriveAction,
  discard: discardAction,
  backup: backupAction,
}

export const inboxCommand: Command = {
  name: 'inbox',
  summary:
    'Operate an inbox: count, list and watch its events, show one, redrive or discard dead letters, back it up',
  synopsis:
    'counts|list|watch|show KEY|redrive KEY…|discard KEY…|backup PATH --redis URL | --sqlite FILE | --postgres URL [flags]',
  flags: {
    ...storeFlags,
    source: {
      value: 'NAME',
      help: 'only events of the receiver of this name: its provider, unless it has one of its own',
    },
    tenant: { value: 'NAME', help: 'only events of this tenant' },
    state: { value: 'STATE', help: `only ${eventStates.join(', ')} ones` },
    type: { value: 'TYPE', help: 'only events of this type' },
    since: {
      value: 'TIME',
      help: 'only received at this time or later: 2026-11-20T06:00:00Z, or 2h ago: 2h',
    },
    until: { value: 'TIME', help: 'only received before this time' },
    limit: { value: 'N', help: 'list at most so many (50)' },
    body: { help: 'show: the body alone, byte for byte' },
    again: {
      help: 'redrive: run the handlers that have succeeded too, and repeat effects that @hookport/once has a receipt of',
    },
    all: { help: 'redrive, discard: all dead letters that the filters leave' },
    yes: { help: 'discard --all: without being asked' },
    every: { value: 'SECONDS', help: 'watch: how often to look (1)' },
  },
  examples: [
    'counts --redis redis://127.0.0.1:6379',
    'list --sqlite webhooks.db --state dead --type optimization.completed --since 2h',
    'redrive --all --source sematryx --redis …',
    'backup /backups/webhooks.db --sqlite webhooks.db',
  ],
  async run(flags, [name, ...operands], terminal) {
    const names = Object.keys(actions)
    if (name === undefined) throw new UsageError(`inbox needs an action: ${names.join(', ')}`)
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined
    if (!action) throw new UsageError(`unknown action ${name}${suggestion(name, names)}`)
    const { inbox, close } = await openInbox(flags)
    try {
      return await action({ inbox, flags, operands, terminal })
    } catch (error) {
      if (error instanceof UsageError || error instanceof Failure) throw error
      throw new Failure(`the ${inbox.name} inbox: ${(error as Error).message}`)
    } finally {
      await close().catch(() => {}) // what was to be done is done, or has failed already
    }
  },
}
