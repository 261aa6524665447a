import type { Diagnosis } from '@hookport/core/doctor'
import { paint, type Terminal } from '../terminal/terminal.ts'

/** A diagnosis, for people. */
export function diagnosisLines(
  { cause, also, proven, explanation, fix }: Diagnosis,
  terminal: Terminal,
): string[] {
  const certainty = proven ? 'undoing it makes the signature match' : 'likely, but not proven'
  const isCause = cause !== 'matches' && cause !== 'none of the known causes'
  const title = [cause, also].filter((part) => part !== undefined).join(' and ')
  return [
    paint(terminal, cause === 'matches' ? 'green' : 'red', title) + (isCause ? ` (${certainty})` : ''),
    `  why: ${explanation}`,
    `  fix: ${fix}`,
  ]
}
