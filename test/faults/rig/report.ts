import { isClean, type RigReport } from './rig.ts'

/** A run in a few lines. */
export function describeReport(report: RigReport): string {
  const { seed, faults, sent, acknowledged, refused, left, effects, replies, dead, surprises, folder } =
    report
  const { lost, dropped, innocent, unexplained, explained } = report
  const repeated = [...explained.values()].reduce((sum, count) => sum + count, 0)
  const lines = [
    `seed ${seed}: ${isClean(report) ? 'clean' : 'NOT CLEAN'}`,
    `faults                ${total(faults)}: ${list(faults)}`,
    `sent                  ${sent}; replies: ${list(replies)}`,
    `acknowledged          ${acknowledged}${refused > 0 ? `; never acknowledged: ${refused}` : ''}`,
    `effects               ${effects}`,
    `lost                  ${lost.length}`,
    `dropped               ${dropped.length}`,
    `left unfinished       ${left}`,
    `dead letters          ${dead} that had to become such`,
    `innocent dead letters ${innocent.length}`,
    `repeated, explained   ${repeated}${repeated > 0 ? `: ${list(explained)}` : ''}`,
    `repeated, unexplained ${unexplained.length}`,
    ...surprises.map(({ who, how }) => `${who} ended by itself: ${how}`),
  ]
  for (const [name, findings] of Object.entries({ lost, dropped, innocent, unexplained }))
    for (const { id, what } of findings.slice(0, 20)) lines.push(`  ${name}: ${id}: ${what}`)
  if (!isClean(report)) lines.push(`the journal and the logs are in ${folder}`)
  return `${lines.join('\n')}\n`
}

function total(counts: ReadonlyMap<unknown, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}

/** `kill 12, freeze 3`, the most frequent first. */
function list(counts: ReadonlyMap<string | number, number>): string {
  const sorted = [...counts].toSorted(([, one], [, other]) => other - one)
  return sorted.map(([name, count]) => `${name} ${count}`).join(', ')
}
