import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import survivors from './accepted.json' with { type: 'json' }
import { type Accepted, isBelowAim, judge, outdated, type Score } from './judge.ts'
import { targetOf } from './targets.ts'
import type { TriedMutant } from './tried-mutants.ts'

const file = 'packages/core/src/bytes/crc32.ts'
const sources = ['  if (a > b) return', '  return b']
const linesOf = () => sources

function mutants(...statuses: string[]): TriedMutant[] {
  return statuses.map((status) => ({
    fileName: file,
    location: { start: { line: 1, column: 3 } },
    mutatorName: 'ConditionalExpression',
    replacement: 'true',
    status,
  }))
}

const accepted: Accepted = { file, line: 'if (a > b) return', becomes: 'true', reason: 'they are equal' }

function scoreOf(tried: TriedMutant[], all: Accepted[] = []): Score | undefined {
  return judge(tried, { linesOf, targetOf, accepted: all })[0]
}

test('what survived and what no test reached count against a score, what was ignored or could not run does not', () => {
  const tried = mutants('Killed', 'Timeout', 'Survived', 'NoCoverage', 'Ignored', 'RuntimeError')
  expect(scoreOf(tried)).toMatchObject({ folder: 'packages/core/src/bytes', aim: 90, tried: 4, noticed: 50 })
})

test('a survivor is told by its file, its line and what it becomes', () => {
  expect(scoreOf(mutants('Survived'))?.survivors).toEqual([
    { file, at: 1, line: 'if (a > b) return', becomes: 'true' },
  ])
})

test('an accepted survivor counts neither for nor against', () => {
  expect(scoreOf(mutants('Survived', 'Killed'), [accepted])).toMatchObject({
    noticed: 100,
    accepted: 1,
    survivors: [],
  })
})

test.each([
  ['file', { file: 'packages/core/src/bytes/json.ts' }],
  ['line', { line: 'if (a >= b) return' }],
  ['replacement', { becomes: 'false' }],
])('a survivor of another %s is not accepted', (_, other) => {
  expect(scoreOf(mutants('Survived'), [{ ...accepted, ...other }])).toMatchObject({ accepted: 0 })
})

test('an accepted survivor that a test notices by now is outdated; one of a file or a kind that was not tried is not', () => {
  const elsewhere = { ...accepted, file: 'packages/core/src/bytes/json.ts' }
  expect(outdated(mutants('Killed'), { linesOf, accepted: [accepted, elsewhere] })).toEqual([accepted])
  expect(outdated(mutants('Survived'), { linesOf, accepted: [accepted] })).toEqual([])
  const ofOtherKind = { ...accepted, kind: 'CallLost' }
  expect(outdated(mutants('Killed'), { linesOf, accepted: [ofOtherKind] })).toEqual([])
})

test('a folder is below its aim with one survivor too many; a sample only where that is no chance', () => {
  const score = (noticed: number): Score => ({
    folder: 'any',
    aim: 90,
    tried: 100,
    survivors: [{ file, at: 1, line: '', becomes: '' }],
    accepted: 0,
    noticed,
  })
  expect(isBelowAim(score(90), false)).toBe(false)
  expect(isBelowAim(score(89), false)).toBe(true)
  expect(isBelowAim(score(81), true)).toBe(false)
  expect(isBelowAim(score(80), true)).toBe(true)
})

test('a source of a folder without an aim is tried with the tests of its package', () => {
  const tests = ['packages/testing/test/**/*.test.ts']
  expect(targetOf('packages/testing/src/index.ts')).toEqual({
    folder: 'packages/testing/src',
    aim: 0,
    tests,
  })
  expect(targetOf('packages/core/src/web/web-delivery.ts').folder).toBe('packages/core/src/web')
})

test('every survivor that was accepted is of a line that is there', () => {
  const root = join(import.meta.dirname, '../..')
  const isGone = ({ file, line }: { file: string; line: string }) => {
    const lines = readFileSync(join(root, file), 'utf8').split('\n')
    return !lines.some((one) => one.trim() === line)
  }
  expect(survivors.filter(isGone)).toEqual([])
})
