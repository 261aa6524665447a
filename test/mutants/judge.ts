import type { Target } from './targets.ts'
import type { TriedMutant } from './tried-mutants.ts'

/** A survivor that may live. Lines move, so it is known by the text of its line. */
export interface Accepted {
  readonly file: string
  /** The line on which it begins, without the space around. */
  readonly line: string
  readonly becomes: string
  /** Where it is of a kind that not every run has: the name of the mutator. */
  readonly kind?: string
  readonly reason: string
}

interface Survivor {
  readonly file: string
  readonly at: number
  readonly line: string
  readonly becomes: string
}

export interface Score {
  readonly folder: string
  readonly aim: number
  readonly tried: number
  /** Survivors that are not accepted. */
  readonly survivors: readonly Survivor[]
  readonly accepted: number
  /** Per cent that were noticed, of those that are not accepted. */
  readonly noticed: number
}

export interface Judging {
  /** The lines of a source file. */
  readonly linesOf: (file: string) => readonly string[]
  readonly targetOf: (file: string) => Target
  readonly accepted: readonly Accepted[]
}

const survived = new Set(['Survived', 'NoCoverage'])
const counted = new Set([...survived, 'Killed', 'Timeout'])

/** The score of each folder. */
export function judge(mutants: readonly TriedMutant[], { linesOf, targetOf, accepted }: Judging): Score[] {
  const some = mutants.filter(({ status }) => counted.has(status))
  const folders = new Set(some.map(({ fileName }) => targetOf(fileName).folder))
  return [...folders].map((folder) => {
    const ofFolder = some.filter(({ fileName }) => targetOf(fileName).folder === folder)
    const all = ofFolder.filter(({ status }) => survived.has(status)).map((one) => survivorOf(one, linesOf))
    const survivors = all.filter((one) => !accepted.some((other) => isSame(one, other)))
    const relevant = ofFolder.length - (all.length - survivors.length)
    return {
      folder,
      aim: targetOf(`${folder}/any.ts`).aim,
      tried: ofFolder.length,
      survivors,
      accepted: all.length - survivors.length,
      noticed: relevant === 0 ? 100 : (100 * (relevant - survivors.length)) / relevant,
    }
  })
}

/** Accepted survivors of these files that no mutant is any more: the line has changed, or a test notices. */
export function outdated(
  mutants: readonly TriedMutant[],
  { linesOf, accepted }: Pick<Judging, 'linesOf' | 'accepted'>,
): Accepted[] {
  const files = new Set(mutants.map(({ fileName }) => fileName))
  const kinds = new Set(mutants.map(({ mutatorName }) => mutatorName))
  const alive = mutants.filter(({ status }) => survived.has(status)).map((one) => survivorOf(one, linesOf))
  const isTried = ({ file, kind }: Accepted) => files.has(file) && (!kind || kinds.has(kind))
  return accepted.filter((one) => isTried(one) && !alive.some((other) => isSame(other, one)))
}

/**
 * Whether a folder is below its aim. Of a sample, only where that can't be chance: it has to be below by more than three standard errors of a
 * share of so many mutants. With two, one sample in forty of a folder that is just at its aim would be red.
 */
export function isBelowAim({ aim, noticed, tried, survivors }: Score, isSample: boolean): boolean {
  if (survivors.length === 0) return false
  const standardError = Math.sqrt((aim * (100 - aim)) / tried)
  return noticed < aim - (isSample ? 3 * standardError : 0)
}

function survivorOf(
  { fileName, location, replacement = '' }: TriedMutant,
  linesOf: Judging['linesOf'],
): Survivor {
  const at = location.start.line
  return { file: fileName, at, line: (linesOf(fileName)[at - 1] ?? '').trim(), becomes: oneLine(replacement) }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function isSame(survivor: Survivor, accepted: Accepted): boolean {
  return (
    survivor.file === accepted.file &&
    survivor.line === accepted.line &&
    survivor.becomes === oneLine(accepted.becomes)
  )
}
