import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { sep } from 'node:path'
import { type Target, targets } from './targets.ts'

/** How many files a sample is made of, at most. Its time runs out before, as a rule. */
const filesOfSample = 6

export function isSource(file: string): boolean {
  return /^packages\/(?!testkit\/)[^/]+\/src\/.+\.ts$/.test(file)
}

/** Sources below these folders, or these very files. Paths are from the root of the repository. */
export function sourcesIn(folders: readonly string[]): string[] {
  const found = folders.flatMap((folder) => globSync(folder.endsWith('.ts') ? folder : `${folder}/**/*.ts`))
  return found.map((file) => file.replaceAll(sep, '/')).filter(isSource)
}

/** Sources that differ from where this branch left main, uncommitted and untracked ones included. */
export function changedSources(): string[] {
  const base = mergeBase()
  const changed = lines('git', 'diff', '--name-only', '--diff-filter=d', base)
  const untracked = lines('git', 'ls-files', '--others', '--exclude-standard')
  return [...new Set([...changed, ...untracked])].filter(isSource)
}

/** A few files of one folder that has an aim, and quick tests. The same for the same seed. */
export function sampleOf(seed: string, among: readonly Target[] = targets): string[] {
  const [target] = shuffled(
    among.filter(({ aim, isSlow }) => aim > 0 && !isSlow),
    ({ folder }) => folder,
    seed,
  )
  if (!target) return []
  return shuffled(sourcesIn([target.folder]), (file) => file, seed).slice(0, filesOfSample)
}

/** The commit at hand: each has its own sample, and the same one each time. */
export function seedOfCommit(): string {
  return lines('git', 'rev-parse', 'HEAD')[0] ?? ''
}

function shuffled<Item>(items: readonly Item[], name: (item: Item) => string, seed: string): Item[] {
  const rank = (item: Item) =>
    createHash('sha256')
      .update(`${seed} ${name(item)}`)
      .digest('hex')
  return [...items].sort((one, other) => rank(one).localeCompare(rank(other)))
}

function mergeBase(): string {
  for (const main of ['origin/main', 'main']) {
    try {
      const [base] = lines('git', 'merge-base', 'HEAD', main)
      if (base) return base
    } catch {
      // A clone need not have both.
    }
  }
  throw new Error('there is no branch main or origin/main to compare with: name the folders to mutate')
}

function lines(program: string, ...args: string[]): string[] {
  const output = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return output.split('\n').filter((line) => line !== '')
}
