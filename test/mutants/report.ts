import type { Accepted, Score } from './judge.ts'

/** What a run has shown, for a person to read. */
export function report(scores: readonly Score[], outdated: readonly Accepted[]): string {
  return [
    ...scores.flatMap(({ survivors }) =>
      survivors.map(({ file, at, line, becomes }) => `survived ${file}:${at}\n    ${line}\n  → ${becomes}`),
    ),
    ...outdated.map(
      ({ file, line, becomes }) =>
        `accepted, but no longer among the survivors: ${file}\n    ${line}\n  → ${becomes}`,
    ),
    ...(scores.length === 0 ? ['no mutant was tried: this run says nothing'] : []),
    ...scores.map(lineOf),
    'a survivor is a line that no test holds: write one, or accept it in test/mutants/accepted.json with the reason',
  ].join('\n')
}

function lineOf({ folder, aim, tried, survivors, accepted, noticed }: Score): string {
  const aimed = aim > 0 ? `, of ${aim} aimed at` : ''
  return `${folder}: ${noticed.toFixed(1)} per cent noticed${aimed} (${tried} mutants, ${survivors.length} survived, ${accepted} accepted)`
}
