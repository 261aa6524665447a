import { getTrigger, updateTrigger } from '@hookport/providers/jaot-api'
import { receiverUrl } from '@hookport/sender'
import { apiFlags, readApi } from '../../flags/api-flags.ts'
import type { Flags } from '../../flags/flags.ts'
import { readPastInstant } from '../../flags/time-flag.ts'
import { AskedReceiver, providerOf } from '../../rotate/asked-receiver.ts'
import { type NewSecret, newSecret } from '../../rotate/new-secret.ts'
import { type Rotation, rotate, type Step } from '../../rotate/rotation.ts'
import { exitCodes, UsageError } from '../../terminal/exit-codes.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import type { Command } from '../command.ts'

const names: Readonly<Record<Step['step'], string>> = {
  secret: '1 the new secret  ',
  receiver: '2 the receiver    ',
  provider: '3 the provider    ',
  old: '4 the old secret  ',
}

/** Where deliveries go, and how the provider gets a secret. */
type Told = Pick<Rotation, 'tellProvider' | 'byHand' | 'title'> & { url: string }

export const rotateSecretCommand: Command = {
  name: 'rotate-secret',
  summary:
    'Replace a secret with a new one without losing a delivery. Each run continues from the current state',
  synopsis: 'jaot --base-url URL --trigger ID | sematryx --url URL, --new-secret-file FILE [flags]',
  flags: {
    ...apiFlags,
    trigger: { value: 'ID', help: 'JAOT: the trigger whose deliveries are signed' },
    url: { value: 'URL', help: "the receiver's (JAOT: the trigger's)" },
    'allow-http': { help: 'allow http to other hosts than loopback ones' },
    'new-secret-file': {
      value: 'FILE',
      help: 'has the new secret; if it does not exist, it is created, readable only by you. Or the environment variable HOOKPORT_NEW_SECRET',
    },
    secret: {
      value: 'SECRET',
      help: 'the old one, to check whether it is still accepted; better in the environment variable HOOKPORT_SECRET, as other users can see arguments',
    },
    switched: {
      value: 'TIME',
      help: 'the provider has signed with the new one since then: do not change it',
    },
    'dry-run': { help: 'ask the receiver, but do not change the provider' },
    wait: { help: 'wait for both deployments, and for the time between them' },
  },
  examples: [
    'jaot --base-url https://jaot.example.com --trigger trg_1 --new-secret-file new-secret --wait',
    'sematryx --url https://example.com/webhooks/sematryx --new-secret-file new-secret',
    'sematryx --url https://example.com/webhooks/sematryx --new-secret-file new-secret --switched 26h',
  ],
  async run(flags, [provider, ...rest], terminal) {
    if ((provider !== 'jaot' && provider !== 'sematryx') || rest.length > 0)
      throw new UsageError('rotate-secret needs a provider: jaot or sematryx')
    const switchedAt = readPastInstant(flags, 'switched', Date.now())
    if (provider === 'sematryx') flags.required('url')
    else flags.required('trigger')
    const fresh = await newSecret(flags, terminal, provider === 'jaot' ? 'whsec_' : '')
    const old = flags.text('secret') ?? (terminal.env.HOOKPORT_SECRET || undefined)
    if (old === fresh.secret) throw new UsageError('the new secret is the old one')
    const { url, ...told } = provider === 'jaot' ? await ofJaot(flags, terminal, fresh) : ofSematryx(flags)
    const rotation: Rotation = {
      ...{ ...told, fresh, old, switchedAt, signal: terminal.signal },
      receiver: new AskedReceiver(provider, postUrlOf(url, flags), terminal.signal),
      retryHorizonMs: providerOf(provider, fresh.secret).retryHorizon,
      isDryRun: flags.has('dry-run'),
      waits: flags.has('wait'),
    }
    const isDone = await rotate(rotation, (step) =>
      terminal.print(flags.has('json') ? JSON.stringify(step) : `${names[step.step]}${step.text}`),
    )
    return isDone ? exitCodes.ok : exitCodes.no
  },
}

async function ofJaot(flags: Flags, terminal: Terminal, { secret }: NewSecret): Promise<Told> {
  const { apiKey, baseUrl } = readApi(flags, terminal)
  if (baseUrl === undefined) throw new UsageError('--base-url is required: JAOT has no shared address')
  const trigger = { apiKey, baseUrl, id: flags.required('trigger'), signal: terminal.signal }
  const { answer } = await getTrigger(trigger)
  return {
    title: 'JAOT',
    url: flags.text('url') ?? String(answer.webhook_url),
    byHand: '',
    tellProvider: async () => void (await updateTrigger({ ...trigger, webhookSecret: secret })),
  }
}

function ofSematryx(flags: Flags): Told {
  return {
    title: 'Sematryx',
    url: flags.required('url'),
    byHand:
      "Sematryx's API can only add a webhook. It can't change or remove one, and a second one may deliver each event twice. Set the new secret in its dashboard, then run this with --switched TIME",
    tellProvider: undefined,
  }
}

/** @throws {UsageError} */
function postUrlOf(url: string, flags: Flags): URL {
  try {
    return receiverUrl(url, flags.has('allow-http'))
  } catch (error) {
    throw new UsageError(`--url: ${(error as Error).message}`)
  }
}
