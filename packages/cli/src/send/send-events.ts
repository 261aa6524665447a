import type { FlagSpecs } from '../flags/flag-specs.ts'
import type { Flags } from '../flags/flags.ts'
import { mischiefFlags, rotationFlags } from '../flags/mischief-flags.ts'
import { openProvider } from '../provider/open-provider.ts'
import { providerFlags } from '../provider/provider-flags.ts'
import { type ExitCode, UsageError } from '../terminal/exit-codes.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { readRecipe } from './made-event.ts'
import { sendMade } from './send-made.ts'
import { sendPlanned } from './send-planned.ts'

/** Flags for any event. */
export const eventFlags: FlagSpecs = {
  ...providerFlags,
  url: { value: 'URL', help: 'of the receiver: https, or http to a loopback host' },
  'allow-http': { help: 'allow http to other hosts too, such as those of a Docker network' },
  set: {
    value: 'PATH=VALUE',
    help: 'set a field of the body: data.status=failed, data.amount=5; may be repeated',
  },
  count: { value: 'N', help: 'events to send (1)' },
  concurrency: { value: 'N', help: 'events under way at once (16)' },
  'timeout-ms': { value: 'N', help: "how long an attempt may take (the provider's deadline, or 10000)" },
}

/** Flags that only the reference sender has. */
export const plannedFlags: FlagSpecs = {
  form: { value: 'FORM', help: 'how the provider writes JSON: compact, spaced, …; real or documented' },
  retry: { help: "retry by the provider's schedule; without it every delivery is one attempt" },
  'time-scale': {
    value: 'X',
    help: 'multiplies the waits of the schedule: 0.001 for ms instead of s (1)',
  },
  seed: { value: 'N', help: 'the same seed sends the same events, with the same mischief (random)' },
  ...mischiefFlags,
  ...rotationFlags,
}

/** Sends by the reference sender if it knows the provider and makes the events itself. Otherwise it sends what the definition describes. */
export async function sendEvents(
  flags: Flags,
  terminal: Terminal,
  name = flags.text('provider'),
  type = flags.text('type'),
): Promise<ExitCode> {
  const isMade = flags.has('body') || flags.has('set')
  if (!isMade && (name === 'sematryx' || name === 'jaot')) return sendPlanned(name, flags, terminal, type)
  const alone = Object.keys(plannedFlags).find((flag) => flags.has(flag))
  if (alone !== undefined)
    throw new UsageError(
      `--${alone} is only for samples of sematryx and jaot, which the reference sender sends`,
    )
  const recipe = await readRecipe(flags, await openProvider(flags, terminal, name), type)
  return sendMade(recipe, flags, terminal)
}
