import {
  type Attempt,
  type EmulatedDelivery,
  type Emulator,
  type EmulatorOptions,
  startEmulator,
  wireForms,
} from '@hookport/sender'
import { rejectOperands } from '../../flags/flags.ts'
import { mischiefFlags, readMischief } from '../../flags/mischief-flags.ts'
import { withoutPassword } from '../../send/post.ts'
import { exitCodes, Failure, UsageError } from '../../terminal/exit-codes.ts'
import { printableLine } from '../../terminal/printable.ts'
import { paint, type Terminal } from '../../terminal/terminal.ts'
import type { Command } from '../command.ts'

const defaultPort = 4010

export const emulateCommand: Command = {
  name: 'emulate',
  summary:
    'Run both providers on this machine: register webhooks, fire triggers, and watch deliveries and retries',
  synopsis: '[--port N] [flags]',
  flags: {
    port: { value: 'N', help: `where to listen; 0 for a free port (${defaultPort})` },
    host: { value: 'HOST', help: '127.0.0.1; anyone who reaches it can use it' },
    'api-key': {
      value: 'KEY',
      help: 'an API key to accept; may be repeated (any is accepted)',
    },
    'time-scale': {
      value: 'X',
      help: 'multiplies the waits between attempts: 0.001 for ms instead of s (1)',
    },
    'timeout-ms': { value: 'N', help: "how long an attempt may take (the provider's deadline)" },
    'sematryx-form': { value: 'FORM', help: `how Sematryx writes: ${wireForms.sematryx.join(', ')}` },
    'jaot-form': { value: 'FORM', help: 'whether fired triggers report in the real or the documented form' },
    seed: { value: 'N', help: 'the same seed gives the same ids, events and mischief (1)' },
    ...mischiefFlags,
  },
  examples: ['', '--port 4010 --time-scale 0.001 --duplicates 0.2'],
  async run(flags, operands, terminal) {
    rejectOperands('emulate', operands)
    const json = flags.has('json')
    const emulator = await listen({
      port: flags.number('port', { max: 65_535, whole: true }) ?? defaultPort,
      host: flags.text('host'),
      apiKeys: flags.has('api-key') ? flags.texts('api-key') : undefined,
      timeScale: flags.number('time-scale'),
      timeoutMs: flags.number('timeout-ms'),
      sematryxForm: flags.choice('sematryx-form', wireForms.sematryx),
      jaotForm: flags.choice('jaot-form', wireForms.jaot),
      seed: flags.number('seed', { whole: true }),
      mischief: readMischief(flags, 0),
      onAttempt: (delivery, attempt) =>
        terminal.print(json ? attemptJson(delivery, attempt) : attemptLine(delivery, attempt, terminal)),
    })
    if (json) terminal.print(JSON.stringify({ msg: 'listening', url: emulator.url }))
    else for (const line of welcome(emulator)) terminal.note(line)
    await aborted(terminal.signal)
    await emulator.close()
    return exitCodes.ok
  },
}

async function listen(options: EmulatorOptions): Promise<Emulator> {
  try {
    return await startEmulator(options)
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) throw new UsageError(error.message)
    throw new Failure(`the emulator can't listen on port ${options.port}: ${(error as Error).message}`)
  }
}

function welcome({ url }: Emulator): string[] {
  return [
    `Sematryx and JAOT at ${url}`,
    '',
    `  POST ${url}/v1/webhooks                              Sematryx: register a webhook`,
    `  POST ${url}/api/v2/triggers/                         JAOT: create a trigger`,
    `  POST ${url}/api/v2/triggers/{id}/fire                JAOT: run it, with its trigger_secret`,
    `  POST ${url}/emulator/events                          { "provider", "type" }: make an event happen`,
    `  GET  ${url}/emulator/deliveries                      attempts and responses`,
    `  POST ${url}/emulator/deliveries/{id}/resend          send it again`,
    '',
    'Any API key is accepted, unless --api-key is given. Ctrl-C ends it.',
  ]
}

function attemptJson({ id, provider, type, url }: EmulatedDelivery, attempt: Attempt): string {
  const { status, error, durationMs } = attempt
  const shown = withoutPassword(url)
  return JSON.stringify({
    msg: 'attempt',
    delivery: id,
    provider,
    type,
    url: shown,
    status,
    error,
    durationMs,
  })
}

function attemptLine({ id, provider, type, url }: EmulatedDelivery, attempt: Attempt, terminal: Terminal) {
  const { status, error, durationMs } = attempt
  const isGood = error === null && status !== null && status >= 200 && status < 300
  const answer = paint(terminal, isGood ? 'green' : 'red', printableLine(error ?? String(status)))
  const what = printableLine(`${id}  ${provider} ${type} to ${withoutPassword(url)}`)
  return `${what}: ${answer} in ${Math.round(durationMs)} ms`
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
