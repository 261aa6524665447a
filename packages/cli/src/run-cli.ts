import { reasonOf } from '@hookport/core'
import { reconcileCommand } from './commands/accounts/reconcile.ts'
import { registerCommand } from './commands/accounts/register.ts'
import { rotateSecretCommand } from './commands/accounts/rotate-secret.ts'
import type { Command } from './commands/command.ts'
import { emulateCommand } from './commands/deliveries/emulate.ts'
import { listenCommand } from './commands/deliveries/listen.ts'
import { resendCommand } from './commands/deliveries/resend.ts'
import { sendCommand } from './commands/deliveries/send.ts'
import { triggerCommand } from './commands/deliveries/trigger.ts'
import { doctorCommand } from './commands/doctor.ts'
import { commandHelp, generalHelp } from './commands/help.ts'
import { inboxCommand } from './commands/stores/inbox.ts'
import { inspectCommand } from './commands/stores/inspect.ts'
import { onceCommand } from './commands/stores/once.ts'
import { postgresCommand } from './commands/stores/postgres.ts'
import { commonFlags } from './flags/flag-specs.ts'
import { parseFlags } from './flags/flags.ts'
import { suggestion } from './flags/nearest-name.ts'
import { version } from './manifest.ts'
import { type ExitCode, exitCodes, Failure, isUsageError, UsageError } from './terminal/exit-codes.ts'
import { printable } from './terminal/printable.ts'
import { paint, type Terminal } from './terminal/terminal.ts'

const commands: readonly Command[] = [
  sendCommand,
  triggerCommand,
  listenCommand,
  resendCommand,
  emulateCommand,
  doctorCommand,
  inboxCommand,
  inspectCommand,
  onceCommand,
  postgresCommand,
  registerCommand,
  reconcileCommand,
  rotateSecretCommand,
]

/** Runs one command line. Never rejects. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    return await runCommand(args, terminal)
  } catch (error) {
    terminal.note(`${paint(terminal, 'red', 'hookport:')} ${printable(messageOf(error))}`)
    if (!isUsageError(error)) return exitCodes.failed
    const [name = ''] = args
    const isCommand = commands.some((command) => command.name === name)
    terminal.note(`See hookport ${isCommand ? `${name} ` : ''}--help`)
    return exitCodes.usage
  }
}

async function runCommand([name, ...args]: readonly string[], terminal: Terminal): Promise<ExitCode> {
  if (name === '--version' || name === '-v') {
    terminal.print(version())
    return exitCodes.ok
  }
  const isHelp = name === 'help' || name === '--help' || name === '-h'
  const [about] = args
  if (name === undefined || (isHelp && about === undefined)) {
    terminal.print(generalHelp(commands))
    return name === undefined ? exitCodes.usage : exitCodes.ok
  }
  if (isHelp && about !== undefined) {
    terminal.print(commandHelp(commandOf(about)))
    return exitCodes.ok
  }
  const command = commandOf(name)
  const spelled = args.map((arg) => (arg === '-h' ? '--help' : arg))
  const { flags, operands } = parseFlags(spelled, { ...command.flags, ...commonFlags })
  if (flags.has('help')) {
    terminal.print(commandHelp(command))
    return exitCodes.ok
  }
  return command.run(flags, operands, terminal)
}

/** @throws {UsageError} if there is no command of this name. */
function commandOf(name: string): Command {
  const command = commands.find((candidate) => candidate.name === name)
  if (command) return command
  const names = commands.map((candidate) => candidate.name)
  throw new UsageError(`unknown command ${name}${suggestion(name, names)}`)
}

/** The message of an expected error; the stack of a bug of ours. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return reasonOf(error)
  const isExpected = error instanceof UsageError || error instanceof Failure || 'code' in error
  if (!isExpected) return error.stack ?? error.message
  const isAway = 'code' in error && error.code === 'unavailable' // it says of whom, and its cause why
  return isAway ? reasonOf(error) : error.message || reasonOf(error)
}
