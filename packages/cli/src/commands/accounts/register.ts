import * as jaot from '@hookport/providers/jaot-api'
import * as sematryx from '@hookport/providers/sematryx-api'
import { eventTypes } from '@hookport/sender'
import { apiFlags, readApi } from '../../flags/api-flags.ts'
import type { Flags } from '../../flags/flags.ts'
import { suggestion } from '../../flags/nearest-name.ts'
import { readSecret, secretFlag } from '../../flags/secret-flag.ts'
import { openInbox, storeFlags } from '../../inbox/open-inbox.ts'
import { exitCodes, UsageError } from '../../terminal/exit-codes.ts'
import { printableLine } from '../../terminal/printable.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import type { Command } from '../command.ts'

export const registerCommand: Command = {
  name: 'register',
  summary: 'Have a provider send its webhooks to a URL. Running it twice does it once',
  synopsis:
    'jaot --trigger ID | sematryx --event TYPE… --redis URL | --sqlite FILE | --postgres URL, --url URL [flags]',
  flags: {
    ...storeFlags,
    ...apiFlags,
    url: { value: 'URL', help: 'where deliveries are sent' },
    secret: secretFlag,
    trigger: { value: 'ID', help: 'JAOT: the trigger whose runs to report' },
    event: { value: 'TYPE', help: 'Sematryx: an event type to send; may be repeated' },
  },
  examples: [
    'jaot --base-url https://jaot.example.com --trigger trg_1 --url https://example.com/webhooks/jaot',
    'sematryx --sqlite webhooks.db --url https://example.com/webhooks/sematryx --event optimization.completed',
  ],
  async run(flags, [provider = '', ...rest], terminal) {
    const register = Object.hasOwn(registrations, provider) ? registrations[provider] : undefined
    if (register === undefined || rest.length > 0)
      throw new UsageError('register needs a provider: jaot or sematryx')
    const webhook = {
      ...readApi(flags, terminal),
      url: flags.required('url'),
      secret: readSecret(flags, terminal),
      signal: terminal.signal,
    }
    const [done, text] = await register(webhook, flags, terminal)
    terminal.print(flags.has('json') ? JSON.stringify(done) : printableLine(text))
    return exitCodes.ok
  },
}

interface Webhook {
  readonly apiKey: string
  readonly baseUrl: string | undefined
  readonly url: string
  readonly secret: string
  /** Aborted when the command is told to end. */
  readonly signal: AbortSignal
}

/** What was done, and the same for people. */
type Register = (webhook: Webhook, flags: Flags, terminal: Terminal) => Promise<[done: object, text: string]>

const registrations: Readonly<Record<string, Register>> = { jaot: ofJaot, sematryx: ofSematryx }

async function ofJaot({ baseUrl, ...webhook }: Webhook, flags: Flags): Promise<[object, string]> {
  if (baseUrl === undefined) throw new UsageError('--base-url is required: JAOT has no shared address')
  const { changed } = await jaot.ensureWebhook({ ...webhook, baseUrl, id: flags.required('trigger') })
  const what = changed.length > 0 ? `changed: ${changed.join(', ')}` : 'nothing to change'
  return [{ changed }, `${what}; the secret is set`]
}

async function ofSematryx(webhook: Webhook, flags: Flags, terminal: Terminal): Promise<[object, string]> {
  const events = flags.texts('event')
  if (events.length === 0 || events.includes(''))
    throw new UsageError('--event is required: the event types to send')
  const known: readonly string[] = eventTypes.sematryx
  for (const type of events)
    if (!known.includes(type))
      terminal.note(`--event ${type}: Sematryx is not known to send it${suggestion(type, known)}`)
  const { inbox, close } = await openInbox(flags)
  try {
    const { id, isNew } = await sematryx.ensureWebhook({ ...webhook, inbox, events })
    return [{ id, isNew }, isNew ? `registered: ${id}` : beforeText(id)]
  } finally {
    await close().catch(() => {})
  }
}

/** Nothing shows whether the secret was different. */
function beforeText(id: string): string {
  return `was registered before: ${id}; its secret is unchanged, as Sematryx's API can't change it`
}
