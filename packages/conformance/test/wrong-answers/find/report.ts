import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Places } from './search.ts'

/** An expectation that no wrong answer needs, and why it stays. It is known by the text of its line, as lines move. */
export interface Explained {
  readonly file: string
  readonly line: string
  readonly reason: string
}

const sources = join(import.meta.dirname, '../../../src')

/** The source line of a place. */
function textOf(place: string): string {
  const [file = '', line = ''] = place.split(':')
  return readFileSync(join(sources, file), 'utf8').split('\n')[Number(line) - 1]?.trim() ?? ''
}

/** Sorts the expectations that are not needed into those that are explained, and the others. */
export function judge({ met, needed }: Places, explained: readonly Explained[]) {
  const places = [...met].filter((place) => !needed.has(place)).sort()
  const reasonFor = (place: string) =>
    explained.find(({ file, line }) => place.startsWith(`${file}:`) && line === textOf(place))
  return {
    unexplained: places.filter((place) => !reasonFor(place)),
    /** Explanations of lines that are gone. One of a line that was needed this time stays: where the clock is real, that may be chance. */
    idle: explained.filter((one) => ![...met, ...needed].some((place) => reasonFor(place) === one)),
  }
}

export function reportOf({ met, failed, needed }: Places, unexplained: readonly string[]): string {
  const lines = unexplained.map((place) => {
    const together = [...(failed.get(place) ?? [])].filter((other) => !other.startsWith('inbox/bench/'))
    const others = failed.has(place) ? `\n      fails together with ${together.slice(0, 4).join(', ')}` : ''
    return `  ${place}  ${textOf(place)}${others}\n`
  })
  const all = new Set([...met, ...needed])
  return `\n${needed.size} of ${all.size} expectations are needed. Neither needed nor explained:\n${lines.join('')}`
}
