import { createReceiver, type Inbox, type ReconcileCounts, type Source } from '@hookport/core'
import { providersByName } from '@hookport/providers/by-name'
import { jaotRuns } from '@hookport/providers/jaot-api'
import { sematryxOptimizations } from '@hookport/providers/sematryx-api'
import { apiFlags, readApi } from '../flags/api-flags.ts'
import type { Flags } from '../flags/flags.ts'
import { readPastInstant } from '../flags/time-flag.ts'
import { openInbox, storeFlags } from '../inbox/open-inbox.ts'
import { tenantIn } from '../inbox/tenant-in.ts'
import { exitCodes, Failure, UsageError } from '../terminal/exit-codes.ts'
import { alignColumns } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { Command } from './command.ts'

const providers = ['jaot', 'sematryx'] as const
const day = 24 * 3_600_000

export const reconcileCommand: Command = {
  name: 'reconcile',
  summary:
    'Ask a provider what has ended, and have what no webhook told of handled; or only say what is missing',
  synopsis: 'jaot|sematryx --redis URL | --sqlite FILE | --postgres URL [--dry-run] [flags]',
  flags: {
    ...storeFlags,
    ...apiFlags,
    trigger: { value: 'ID', help: 'JAOT: only the runs of this trigger; may be repeated (all)' },
    source: { value: 'NAME', help: 'of the receiver, where it has a name of its own' },
    tenant: { value: 'NAME', help: 'whose all of it is, where the receiver has tenants' },
    since: { value: 'TIME', help: 'what ended since then: 2026-11-20T06:00:00Z, or 2h ago: 2h (3d)' },
    'dry-run': { help: 'take nothing on, and list what is missing' },
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
    const from = new Date(readPastInstant(flags, 'since', Date.now()) ?? Date.now() - 3 * day)
    const dryRun = flags.has('dry-run')
    const { inbox, close } = await openInbox(flags)
    try {
      await assertTenantGiven(inbox, flags.text('source') ?? name, flags)
      const receiver = createReceiver({
        provider: makeProvider({ allowUnsigned: true }), // nothing is delivered to this process
        ...(flags.has('source') && { name: flags.required('source') }),
        inbox,
        reconcile: source,
        consume: false,
        logger: {
          debug() {},
          info: ({ err }, message) => terminal.note(err === undefined ? message : `${message}: ${err}`),
          warn() {},
          error: ({ err }, message) => terminal.note(`${message}: ${err}`),
        },
        observers: {
          reconciled: ({ subject, type }) =>
            flags.has('json') || terminal.note(`taken on: ${type} ${subject}`),
        },
      })
      print(
        await receiver.reconcile({ from, dryRun, maxMs: Number.POSITIVE_INFINITY, signal: terminal.signal }),
        flags,
        terminal,
      )
      return exitCodes.ok
    } finally {
      await close().catch(() => {})
    }
  },
}

/** @throws {UsageError} where what is taken on would be nobody's, beside a delivery of the same that is a tenant's. */
async function assertTenantGiven(inbox: Inbox, source: string, flags: Flags): Promise<void> {
  const tenant = flags.has('tenant') ? undefined : await tenantIn(inbox, source)
  if (tenant === undefined) return
  throw new UsageError(
    `the inbox has events of tenant ${tenant}: name with --tenant whose the account is that is asked, or all would be handled again as nobody's`,
  )
}

function sourceOf(name: (typeof providers)[number], flags: Flags, terminal: Terminal): Source {
  const { apiKey, baseUrl } = readApi(flags, terminal)
  const tenant = flags.text('tenant')
  const common = { apiKey, every: 60_000, ...(tenant !== undefined && { tenantOf: () => tenant }) }
  if (name === 'sematryx') {
    if (flags.has('trigger')) throw new UsageError('--trigger is of JAOT: Sematryx has no triggers')
    return sematryxOptimizations({ ...common, baseUrl })
  }
  if (baseUrl === undefined)
    throw new UsageError('--base-url is required: JAOT has no address that all share')
  return jaotRuns({
    ...common,
    baseUrl,
    ...(flags.has('trigger') && { triggers: flags.texts('trigger') }),
  })
}

/** @throws {Failure} where the provider was not asked to the end. */
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
    throw new Failure('it was not asked to the end: the reason is above, or another process is at it')
}

function timeOf(endedAt: number | undefined): string {
  return endedAt === undefined ? '' : new Date(endedAt).toISOString()
}
