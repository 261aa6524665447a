import { commonFlags } from '../flags/flag-specs.ts'
import { alignColumns } from '../terminal/table.ts'
import type { Command } from './command.ts'

const exitCodeHelp = [
  'Exit codes:',
  '  0  as it should be',
  '  1  done, and the answer is no: an unexpected reply, a signature that does not match, no such event',
  '  2  the command line is wrong',
  '  3  it could not be done: a file, a port or a store is not to be had',
]

export function commandHelp({ name, summary, synopsis, flags, examples }: Command): string {
  const rows = Object.entries({ ...flags, ...commonFlags }).map(([flag, { value, help }]) => [
    `  --${flag}${value === undefined ? '' : ` ${value}`}`,
    help,
  ])
  return [
    `hookport ${name} ${synopsis}`,
    '',
    `${summary}.`,
    '',
    'Flags:',
    ...alignColumns(rows),
    '',
    'Examples:',
    ...examples.map((example) => `  hookport ${name} ${example}`),
    '',
    ...exitCodeHelp,
  ].join('\n')
}

export function generalHelp(commands: readonly Command[]): string {
  return [
    'hookport <command> [flags]',
    '',
    'Commands:',
    ...alignColumns(commands.map(({ name, summary }) => [`  ${name}`, summary])),
    '',
    'hookport <command> --help shows its flags.',
    '',
    ...exitCodeHelp,
  ].join('\n')
}
