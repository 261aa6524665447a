import { randomInt } from 'node:crypto'
import {
  createSender,
  eventTypes,
  formOf,
  type ProviderName,
  planDeliveries,
  sampleEvent,
  sendPlan,
  type WireChoice,
  wireForms,
} from '@hookport/sender'
import { type Flags, rejectOperands } from '../flags/flags.ts'
import { mischiefFlags, readMischief, rotationFlags } from '../flags/mischief-flags.ts'
import { suggestion } from '../flags/nearest-name.ts'
import { readSecret, secretFlag } from '../flags/secret-flag.ts'
import { noteUnexpected } from '../send/note-unexpected.ts'
import { reportTable } from '../send/report-table.ts'
import { SendTally } from '../send/send-report.ts'
import { type ExitCode, exitCodes, UsageError } from '../terminal/exit-codes.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { Command } from './command.ts'

const defaultTypes = { sematryx: 'optimization.completed', jaot: 'trigger.execution.completed' } as const
const progressEveryMs = 100

export const sendCommand: Command = {
  name: 'send',
  summary: 'Send events to a receiver as a provider does, and see what comes back',
  synopsis: '--provider sematryx|jaot --url URL --secret SECRET [flags]',
  flags: {
    provider: { value: 'NAME', help: 'sematryx or jaot' },
    url: { value: 'URL', help: 'of the receiver: https, or http to a loopback host' },
    secret: secretFlag,
    unsigned: { help: 'send without a signature, as a webhook registered without a secret' },
    type: { value: 'TYPE', help: 'event type; any name, a known one gets its data' },
    form: { value: 'FORM', help: 'how the provider writes: compact, spaced, …; real or documented' },
    count: { value: 'N', help: 'events to send (1)' },
    concurrency: { value: 'N', help: 'events under way at once (16)' },
    retry: { help: "retry by the provider's schedule; else every delivery is one attempt" },
    'time-scale': {
      value: 'X',
      help: 'multiplies the waits of the schedule: 0.001 for ms in place of s (1)',
    },
    'timeout-ms': { value: 'N', help: "how long an attempt may take (the provider's deadline)" },
    seed: { value: 'N', help: 'the same seed sends the same events, with the same mischief (random)' },
    ...mischiefFlags,
    ...rotationFlags,
  },
  examples: [
    '--provider jaot --type trigger.execution.completed --url http://localhost:3000/webhooks/jaot --secret whsec_…',
    '--provider sematryx --url … --secret … --count 10000 --concurrency 32 --duplicates 0.1 --tamper 0.01 --seed 7',
  ],
  async run(flags, operands, terminal) {
    rejectOperands('send', operands)
    return send(flags, terminal)
  },
}

async function send(flags: Flags, terminal: Terminal): Promise<ExitCode> {
  const provider = flags.choice('provider', ['sematryx', 'jaot'])
  if (provider === undefined) throw new UsageError('--provider is required: sematryx or jaot')
  const type = flags.text('type') ?? defaultTypes[provider]
  noteUnknownType(provider, type, terminal)
  const wire = wireOf(provider, type, flags)
  const url = flags.required('url')
  const count = flags.number('count', { min: 1, whole: true }) ?? 1
  const seed = flags.number('seed', { whole: true }) ?? randomInt(2 ** 31)
  const secret = flags.has('unsigned') ? null : readSecret(flags, terminal)
  const plan = planDeliveries(events(provider, type, seed, count), {
    ...wire,
    secret,
    seed,
    mischief: readMischief(flags, count),
  })
  const sender = usable(() =>
    createSender({
      ...wire,
      url,
      secret,
      timeScale: flags.number('time-scale'),
      timeoutMs: flags.number('timeout-ms'),
    }),
  )
  const tally = new SendTally()
  const startedAt = performance.now()
  const progress = setInterval(() => {
    const done = `${tally.deliveries} sent of ${count} events`
    terminal.progress(tally.unexpected > 0 ? `${done}, ${tally.unexpected} unexpected` : done)
  }, progressEveryMs)
  const stop = () => sender.close()
  terminal.signal.addEventListener('abort', stop)
  try {
    await sendPlan(sender, plan, {
      concurrency: flags.number('concurrency', { min: 1, whole: true }) ?? Math.min(16, count),
      retry: flags.has('retry'),
      signal: terminal.signal,
      onDelivery(delivery, planned) {
        tally.add(delivery, planned)
        for (const line of noteUnexpected(delivery, planned, tally.unexpected)) terminal.note(line)
      },
    })
  } finally {
    clearInterval(progress)
    terminal.progress('')
    terminal.signal.removeEventListener('abort', stop)
    sender.close()
  }
  const report = tally.report({ provider, url, seed, durationMs: performance.now() - startedAt })
  if (flags.has('json')) terminal.print(JSON.stringify(report))
  else for (const line of reportTable(report, terminal)) terminal.print(line)
  return report.unexpected === 0 && !terminal.signal.aborted ? exitCodes.ok : exitCodes.no
}

function* events(provider: ProviderName, type: string, seed: number, count: number): Generator<object> {
  for (let index = 0; index < count; index++) yield sampleEvent(provider, type, { seed: seed + index })
}

function wireOf(provider: ProviderName, type: string, flags: Flags): WireChoice {
  return provider === 'sematryx'
    ? { provider, form: flags.choice('form', wireForms.sematryx) }
    : { provider, form: flags.choice('form', wireForms.jaot) ?? formOf(type) }
}

function noteUnknownType(provider: ProviderName, type: string, terminal: Terminal): void {
  const known: readonly string[] = eventTypes[provider]
  if (!known.includes(type))
    terminal.note(`${type} is no event type of ${provider}${suggestion(type, known)} Sent all the same`)
}

/** What the sender refuses to be made with was wrong on the command line. */
function usable<Value>(make: () => Value): Value {
  try {
    return make()
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
