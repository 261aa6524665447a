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
import type { Flags } from '../flags/flags.ts'
import { readMischief } from '../flags/mischief-flags.ts'
import { suggestion } from '../flags/nearest-name.ts'
import { readSecret } from '../flags/secret-flag.ts'
import { type ExitCode, exitCodes, UsageError } from '../terminal/exit-codes.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { noteUnexpected } from './note-unexpected.ts'
import { withoutPassword } from './post.ts'
import { printReport } from './report-table.ts'
import { SendTally } from './send-report.ts'

const defaultTypes = { sematryx: 'optimization.completed', jaot: 'trigger.execution.completed' } as const
const progressEveryMs = 100

/** Sends what the reference sender plans, with its forms, schedules and mischief. For the two providers that it knows byte for byte. */
export async function sendPlanned(
  provider: ProviderName,
  flags: Flags,
  terminal: Terminal,
  wanted = flags.text('type'),
): Promise<ExitCode> {
  const type = wanted ?? defaultTypes[provider]
  noteUnknownType(provider, type, terminal)
  const wire = wireOf(provider, type, flags)
  const url = flags.required('url')
  const count = flags.number('count', { min: 1, whole: true }) ?? 1
  const seed = flags.number('seed', { whole: true }) ?? randomInt(2 ** 31)
  const secret = flags.has('unsigned') ? null : readSecret(flags, terminal)
  const mischief = readMischief(flags, count)
  const plan = usable(() =>
    planDeliveries(events(provider, type, seed, count), { ...wire, secret, seed, mischief }),
  )
  const sender = usable(() =>
    createSender({
      ...wire,
      url,
      allowHttp: flags.has('allow-http'),
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
      concurrency: Math.min(count, flags.number('concurrency', { min: 1, whole: true }) ?? 16),
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
  const report = tally.report({
    provider,
    url: withoutPassword(url),
    seed,
    durationMs: performance.now() - startedAt,
  })
  printReport(report, flags.has('json'), terminal)
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
    terminal.note(`${type} is not an event type of ${provider}${suggestion(type, known)}; it is sent anyway`)
}

/** An option that the sender refuses was wrong on the command line. */
function usable<Value>(make: () => Value): Value {
  try {
    return make()
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
