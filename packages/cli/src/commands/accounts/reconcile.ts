import { createReceiver, type Inbox, type ReconcileCounts, reasonOf, type Source } from '@hookport/core'
import { providersByName } from '@hookport/providers/by-name'
import { jaotRuns } from '@hookport/providers/jaot-api'
import { sematryxOptimizations } from '@hookport/providers/sematryx-api'
import { apiFlags, readApi } from '../../flags/api-flags.ts'
import type { Flags } from '../../flags/flags.ts'
import { readPastInstant } from '../../flags/time-flag.ts'
import { openInbox, storeFlags } from '../../inbox/open-inbox.ts'
import { tenantIn } from '../../inbox/tenant-in.ts'
import { exitCodes, Failure, UsageError } from '../../terminal/exit-codes.ts'
import { printable } from '../../terminal/printable.ts'
import { alignColumns } from '../../terminal/table.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import type { Command } from '../command.ts'

const providers = ['jaot', 'sematryx'] as const
/** The `dedupeWindow` of its receiver, which looks at nothing older. */
const windowMs = 3 * 24 * 3_600_000

export const reconcileCommand: Command = {
  name: 'reconcile',
  summary:
    'Ask a provider what has ended, and take on what no webhook reported; or only list what is missing',
  synopsis: 'jaot|sematryx --redis URL | --sqlite FILE | --postgres URL [--dry-run] [flags]',
  flags: {
    ...storeFlags,
    ...apiFlags,
    trigger: { value: 'ID', help: 'JAOT: only the runs of this trigger; may be repeated (all)' },
    source: { value: 'NAME', help: "the receiver's name, if it has its own" },
    tenant: { value: 'NAME', help: 'the tenant of everything that is found, if the receiver has tenants' },
    since: {
      value: 'TIME',
      help: 'ended at this time or later: 2026-11-20T06:00:00Z, or 2h ago: 2h (3d, and at most that)',
    },
    'dry-run': { help: 'only list what is missing' },
  },
  examples: [
    'jaot --base-url https://jaot.example.com --sqlite webhooks.db --dry-run',
    'sematryx --postgres "$DATABASE_URL" --since 6h',
  ],
  async run(flags, [provider, ...rest], terminal) {
    const name = providers.find((one) => one === provider)
    const makeProvider = providersByName[name ?? '']
    if (name === undefined || makeProvider === undefined || rest.length > 0)
      throw new UsageError(`reconcile needs a provider: ${providers.join(' or ')}`)
    const source = sourceOf(name, flags, terminal)
    const now = Date.now()
    const since = readPastInstant(flags, 'since', now) ?? now - windowMs
    const dryRun = flags.has('dry-run')
    const note = (line: string) => terminal.note(printable(line)) // a provider may answer anything
    const { inbox, close } = await openInbox(flags)
    if (since < now - windowMs)
      note('what ended more than 3 days ago is not looked at: it may have been handled, and its id forgotten')
    try {
      await assertTenantGiven(inbox, flags.text('source') ?? name, flags)
      const receiver = createReceiver({
        provider: makeProvider({ secret: crypto.randomUUID() }), // nothing is delivered to this process
        ...(flags.has('source') && { name: flags.required('source') }),
        inbox,
        dedupeWindow: windowMs,
        reconcile: source,
        consume: false,
        logger: {
          debug() {},
          info: ({ err }, message) => note(err === undefined ? message : `${message}: ${reasonOf(err)}`),
          warn: ({ reasons = [] }: { reasons?: readonly string[] }, message) =>
            note([message, ...reasons].join(': ')),
          error: ({ err }, message) => note(`${message}: ${reasonOf(err)}`),
        },
        observers: {
          reconciled: ({ subject, type }) => flags.has('json') || note(`taken on: ${type} ${subject}`),
        },
      })
      const { signal } = terminal
      const counts = await receiver.reconcile({
        from: new Date(since),
        dryRun,
        maxMs: Number.POSITIVE_INFINITY,
        signal,
      })
      print(counts, flags, terminal)
      if (counts.left === 0) return exitCodes.ok
      note(
        `${counts.left} left: the reason is above, or a delivery of it is being handled; run this again later`,
      )
      return exitCodes.no
    } finally {
      await close().catch(() => {})
    }
  },
}

/** @throws {UsageError} if what is taken on would have no tenant, although deliveries of the same have one. */
async function assertTenantGiven(inbox: Inbox, source: string, flags: Flags): Promise<void> {
  const tenant = flags.has('tenant') ? undefined : await tenantIn(inbox, source)
  if (tenant === undefined) return
  throw new UsageError(
    `the inbox has events of tenant ${tenant}: give --tenant, the tenant whose account is asked. Without it, everything would be handled again for no tenant`,
  )
}

function sourceOf(name: (typeof providers)[number], flags: Flags, terminal: Terminal): Source {
  const { apiKey, baseUrl } = readApi(flags, terminal)
  const tenant = flags.text('tenant')
  const common = { apiKey, every: 60_000, ...(tenant !== undefined && { tenantOf: () => tenant }) }
  if (name === 'sematryx') {
    if (flags.has('trigger')) throw new UsageError('--trigger is for JAOT: Sematryx has no triggers')
    return sematryxOptimizations({ ...common, baseUrl })
  }
  if (baseUrl === undefined) throw new UsageError('--base-url is required: JAOT has no shared address')
  return jaotRuns({
    ...common,
    baseUrl,
    ...(flags.has('trigger') && { triggers: flags.texts('trigger') }),
  })
}

/** @throws {Failure} if the listing did not finish. */
function print(counts: ReconcileCounts, flags: Flags, terminal: Terminal): void {
  if (flags.has('json')) terminal.print(JSON.stringify(counts))
  else {
    const { listed, missing, takenOn, left, calls, things } = counts
    if (flags.has('dry-run')) {
      for (const line of alignColumns(
        things.map(({ subject, status, endedAt, deliveryFailed }) => [
          subject,
          status,
          timeOf(endedAt),
          deliveryFailed ?? '',
        ]),
      ))
        terminal.print(line)
      if (missing > things.length) terminal.print(`and ${missing - things.length} more`)
    }
    terminal.print(
      `listed ${listed}, missing ${missing}, taken on ${takenOn}, left ${left}; ${calls} requests`,
    )
  }
  if (counts.more)
    throw new Failure('the listing did not finish: the reason is above, or another process is reconciling')
}

function timeOf(endedAt: number | undefined): string {
  return endedAt === undefined ? '' : new Date(endedAt).toISOString()
}
