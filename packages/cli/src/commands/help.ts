import { commonFlags } from '../flags/flag-specs.ts'
import { exitCodeMeanings, exitCodes } from '../terminal/exit-codes.ts'
import { alignColumns } from '../terminal/table.ts'
import type { Command } from './command.ts'

const outcomes = Object.keys(exitCodes) as Array<keyof typeof exitCodes>
const exitCodeHelp = [
  'Exit codes:',
  ...outcomes.map((outcome) => `  ${exitCodes[outcome]}  ${exitCodeMeanings[outcome]}`),
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
    'hookport help <command> shows its flags; hookport --version shows the version.',
    '',
    ...exitCodeHelp,
  ].join('\n')
}
