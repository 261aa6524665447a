import { eventStates } from '@hookport/core'
import { commonFlags } from '../../flags/flag-specs.ts'
import type { Flags } from '../../flags/flags.ts'
import { suggestion } from '../../flags/nearest-name.ts'
import { backupAction } from '../../inbox/backup.ts'
import { countsAction } from '../../inbox/counts.ts'
import { filterFlags, type InboxAction, rejectImpossibleNames } from '../../inbox/inbox-action.ts'
import { listAction } from '../../inbox/list.ts'
import { noteIfEmpty, openInbox, storeFlags } from '../../inbox/open-inbox.ts'
import { pauseAction, resumeAction } from '../../inbox/pause-and-resume.ts'
import { discardAction, redriveAction } from '../../inbox/redrive-and-discard.ts'
import { replayAction } from '../../inbox/replay.ts'
import { showAction } from '../../inbox/show.ts'
import { watchAction } from '../../inbox/watch.ts'
import { Failure, isUsageError, UsageError } from '../../terminal/exit-codes.ts'
import type { Command } from '../command.ts'

interface ActionEntry {
  readonly act: InboxAction
  /** The flags that it takes beside those of the store. */
  readonly takes: readonly string[]
}

const owner = ['source', 'tenant']

const actions: Readonly<Record<string, ActionEntry>> = {
  counts: { act: countsAction, takes: owner },
  list: { act: listAction, takes: [...filterFlags, 'limit'] },
  watch: { act: watchAction, takes: [...owner, 'every'] },
  show: { act: showAction, takes: ['body'] },
  redrive: { act: redriveAction, takes: [...filterFlags, 'all', 'again', 'force'] },
  discard: { act: discardAction, takes: [...filterFlags, 'all', 'yes'] },
  replay: {
    act: replayAction,
    takes: [...filterFlags, 'limit', 'handler', 'again', 'per-second', 'id', 'dry-run', 'all', 'yes'],
  },
  pause: { act: pauseAction, takes: ['source', 'handler', 'reason'] },
  resume: { act: resumeAction, takes: ['source', 'handler'] },
  backup: { act: backupAction, takes: [] },
}

export const inboxCommand: Command = {
  name: 'inbox',
  summary:
    'Operate an inbox: count, list and watch its events, show one, redrive or discard dead letters, replay handled events, pause, back it up',
  synopsis:
    'counts|list|watch|show KEY|redrive KEY…|discard KEY…|replay|pause|resume|backup PATH --redis URL | --sqlite FILE | --postgres URL [flags]',
  flags: {
    ...storeFlags,
    source: {
      value: 'NAME',
      help: 'only events of the receiver with this name (the provider, unless the receiver has its own name)',
    },
    tenant: { value: 'NAME', help: 'only events of this tenant' },
    state: { value: 'STATE', help: `only ${eventStates.join(', ')} ones` },
    type: { value: 'TYPE', help: 'only events of this type' },
    since: {
      value: 'TIME',
      help: 'only received at this time or later: 2026-11-20T06:00:00Z, or 2h ago: 2h',
    },
    until: { value: 'TIME', help: 'only received before this time' },
    limit: { value: 'N', help: 'list at most this many (50); replay at most this many (all)' },
    body: { help: 'show: only the body, byte for byte' },
    again: {
      help: 'redrive: also run handlers that have succeeded. redrive, replay: repeat effects that have a receipt of @hookport/once',
    },
    force: { help: 'redrive: handle the event even if a newer one of its order key was handled' },
    handler: { value: 'NAME', help: 'replay, pause, resume: only this handler' },
    'per-second': { value: 'N', help: 'replay: make this many events pending per second (100)' },
    id: { value: 'NAME', help: 'replay: continue the replay of this name' },
    'dry-run': { help: 'replay: only say how many events there are' },
    reason: { value: 'TEXT', help: 'pause: the reason, for whoever finds it paused' },
    all: {
      help: 'redrive, discard: all dead letters that match the filters. replay: all handled events, where no filter bounds it',
    },
    yes: { help: 'discard --all: do not ask. replay: even for a --handler that no kept event names' },
    every: { value: 'SECONDS', help: 'watch: how often to look (1)' },
  },
  examples: [
    'counts --redis redis://127.0.0.1:6379',
    'list --sqlite webhooks.db --state dead --type optimization.completed --since 2h',
    'redrive --all --source sematryx --redis …',
    'replay --since 48h --handler save-plan --source sematryx --dry-run --redis …',
    "pause --source sematryx --handler save-plan --reason 'the plans are being repaired' --redis …",
    'backup /backups/webhooks.db --sqlite webhooks.db',
  ],
  async run(flags, [name, ...operands], terminal) {
    const names = Object.keys(actions)
    if (name === undefined) throw new UsageError(`inbox needs an action: ${names.join(', ')}`)
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined
    if (!action) throw new UsageError(`unknown action ${name}${suggestion(name, names)}`)
    rejectOthersFlags(name, action, flags)
    rejectImpossibleNames(flags)
    const { inbox, close } = await openInbox(flags)
    try {
      await noteIfEmpty(inbox, flags, terminal)
      return await action.act({ inbox, flags, operands, terminal })
    } catch (error) {
      if (isUsageError(error) || error instanceof Failure) throw error
      throw new Failure(`the ${inbox.name} inbox: ${(error as Error).message}`)
    } finally {
      await close().catch(() => {}) // the work is done, or has already failed
    }
  },
}

/**
 * A flag of another action would be ignored: `discard --all --dry-run` would delete.
 *
 * @throws {UsageError} for a flag that the action does not take.
 */
function rejectOthersFlags(name: string, { takes }: ActionEntry, flags: Flags): void {
  const known = [...takes, ...Object.keys(storeFlags), ...Object.keys(commonFlags)]
  const other = flags.names.find((flag) => !known.includes(flag))
  if (other === undefined) return
  const its =
    takes.length === 0 ? 'no flags but those of the store' : takes.map((flag) => `--${flag}`).join(', ')
  throw new UsageError(`inbox ${name} does not take --${other}. It takes ${its}`)
}
