import { sampleTypes } from '@hookport/testing'
import { suggestion } from '../../flags/nearest-name.ts'
import { providerNames } from '../../provider/provider-flags.ts'
import { eventFlags, sendEvents } from '../../send/send-events.ts'
import { exitCodes, UsageError } from '../../terminal/exit-codes.ts'
import { alignColumns } from '../../terminal/table.ts'
import type { Command } from '../command.ts'

export const triggerCommand: Command = {
  name: 'trigger',
  summary: 'Send one realistic event of a type',
  synopsis: 'TYPE --url URL --secret SECRET [flags]',
  flags: { ...eventFlags, list: { help: 'list the types that have samples, and send nothing' } },
  examples: [
    'invoice.payment_failed --url http://localhost:3000/webhooks/stripe --secret whsec_…',
    'push --url … --secret … --set ref=refs/heads/release',
    '--list --provider github',
  ],
  async run(flags, [type, ...more], terminal) {
    if (more.length > 0) throw new UsageError(`trigger takes one type: ${more[0]}`)
    const given = flags.text('provider')
    if (flags.has('list')) {
      const only = flags.choice('provider', providerNames)
      const rows = typesOf(only === undefined ? providerNames : [only])
      if (flags.has('json'))
        for (const [provider, type] of rows) terminal.print(JSON.stringify({ provider, type }))
      else for (const line of alignColumns(rows)) terminal.print(line)
      return exitCodes.ok
    }
    if (type === undefined) throw new UsageError('trigger needs a type; --list shows them')
    return sendEvents(flags, terminal, given ?? providerOf(type), type)
  },
}

function typesOf(providers: readonly string[]): [provider: string, type: string][] {
  return providers.flatMap((provider) =>
    sampleTypes(provider).map((type): [string, string] => [provider, type]),
  )
}

/** @throws {UsageError} unless exactly one provider has samples of the type. */
function providerOf(type: string): string {
  const all = typesOf(providerNames)
  const [found, ...others] = all.filter(([, known]) => known === type).map(([provider]) => provider)
  if (found !== undefined && others.length === 0) return found
  if (found !== undefined)
    throw new UsageError(`${type} is sent by ${[found, ...others].join(' and ')}: give --provider`)
  const near = suggestion(type, [...new Set(all.map(([, known]) => known))])
  throw new UsageError(
    `no provider is known to send ${type}${near}; --list shows all types, and --provider sends any`,
  )
}
