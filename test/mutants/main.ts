import { globSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { Stryker } from '@stryker-mutator/core'
import accepted from './accepted.json' with { type: 'json' }
import { changedSources, sampleOf, seedOfCommit, sourcesIn } from './choose-files.ts'
import { isBelowAim, judge, outdated } from './judge.ts'
import { addMoreMutators } from './more-mutators.ts'
import { report } from './report.ts'
import { targetOf } from './targets.ts'
import { tried } from './tried-mutants.ts'

/** A sample ends then, whatever is left of it. Starting and ending take some seconds more. */
const sampleMs = 60_000

/** The exit code of a process that was told to end. */
const cutOff = 143

/** One for each run, as Stryker deletes it at the end. Not below node_modules: Vitest would pass it over. */
const tempDirName = `.mutants/${process.pid}`

const { values, positionals } = parseArgs({
  options: {
    sample: { type: 'boolean', default: false },
    seed: { type: 'string' },
    static: { type: 'boolean', default: false },
    more: { type: 'boolean', default: false },
    kinds: { type: 'string' }, // only these, with commas between
  },
  allowPositionals: true,
})
const root = join(import.meta.dirname, '../..')
process.chdir(root)
const isMore = values.more || values.kinds !== undefined
if (isMore) await addMoreMutators(values.kinds?.split(','))

const files = chooseFiles()
if (files.length === 0)
  say('no source differs from main: nothing to mutate. Name folders to mutate them all the same')
else await mutate(files)

function chooseFiles(): string[] {
  if (positionals.length > 0) return sourcesIn(positionals)
  if (!values.sample) return changedSources()
  const seed = values.seed ?? seedOfCommit()
  say(`a sample, by the seed ${seed}`)
  return sampleOf(seed)
}

async function mutate(files: readonly string[]): Promise<void> {
  say(`${files.length} files are mutated:\n  ${files.join('\n  ')}`)
  const tests = testsOf(files)
  process.env.MUTANTS_TESTS = JSON.stringify(tests) // the configuration of Vitest is read in processes of Stryker's
  const run = new Stryker({
    configFile: 'test/mutants/stryker.config.mjs',
    mutate: [...files],
    ignoreStatic: !values.static, // what runs as a module loads: each takes a new process, and all the tests
    checkers: isMore ? ['types'] : [], // what people add by mistake passes the check of types, or is noticed by it
    tempDirName,
  }).runMutationTest()
  process.once('exit', conclude)
  if (await within(run)) return
  say('time is up')
  process.kill(process.pid, 'SIGTERM') // Stryker ends its processes, and this one
}

/** Tests that start processes are left out: the code runs in those, and the mutant is not there. */
function testsOf(files: readonly string[]): string[] {
  const patterns = new Set(files.flatMap((file) => targetOf(file).tests))
  const startsProcess = (test: string) => readFileSync(test, 'utf8').includes('node:child_process')
  return globSync([...patterns]).filter((test) => !startsProcess(test))
}

/** Whether it came to its end. Of a sample, the rest is given up when its time is over. */
async function within(run: Promise<unknown>): Promise<boolean> {
  if (!values.sample) return run.then(() => true)
  const overdue = new Promise<false>((resolve) => setTimeout(resolve, sampleMs, false).unref())
  return Promise.race([run.then(() => true), overdue])
}

/** Also of a run that is cut off, by the end of its time or by a person: what was tried until then. */
function conclude(code: number): void {
  const isOver = values.sample && code === cutOff
  const counted = isOver ? tried.filter(({ status }) => status !== 'NoCoverage') : tried // those come first, and would stand for the rest
  const mutants = counted.map((mutant) => ({ ...mutant, fileName: relative(root, mutant.fileName) }))
  const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n')
  const scores = judge(mutants, { linesOf, targetOf, accepted })
  say(report(scores, isOver || values.kinds ? [] : outdated(mutants, { linesOf, accepted }))) // of what was cut off, or of other kinds, nobody knows
  rmSync(tempDirName, { recursive: true, force: true }) // Stryker leaves it behind where it is cut off
  process.exitCode = scores.some((score) => isBelowAim(score, values.sample)) ? 1 : isOver ? 0 : code
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
