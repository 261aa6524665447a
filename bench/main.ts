import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { measure, names, shortRun } from './measure.ts'
import { resultsPath, writePage } from './report/page.ts'
import { merge } from './report/results.ts'

const options = {
  /** Measure everything, and for longer. */
  full: { type: 'boolean', default: false },
  /** Write docs/performance.md and its charts. */
  page: { type: 'boolean', default: false },
  rounds: { type: 'string' },
  /** Where to write the results. Defaults to docs/performance/results.json where the page is written. */
  json: { type: 'string' },
  /** Take the results of an earlier run from there, and measure only what is named. */
  from: { type: 'string' },
} as const
const { values, positionals } = understood()
const unknown = positionals.filter((name) => !names.includes(name))
if (unknown.length > 0) refuse(`no such suite: ${unknown.join(', ')}`)

const results = await measure(wanted(), {
  rounds: Number(values.rounds ?? (values.full ? 20 : 5)),
  sliceMs: values.full ? 300 : 200,
  thorough: values.full,
  report: (progress) => process.stderr.write(`\r${progress}   `),
})
const all =
  values.from === undefined ? results : merge(JSON.parse(await readFile(values.from, 'utf8')), results)
if (values.page) await writePage(all)
const path = values.json ?? (values.page ? resultsPath : undefined)
if (path) await writeFile(path, `${JSON.stringify(all, null, 2)}\n`)

function wanted(): readonly string[] {
  if (positionals.length > 0 || values.from !== undefined) return positionals
  return values.full ? names : shortRun
}

function understood() {
  try {
    return parseArgs({ allowPositionals: true, options })
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

function refuse(why: string): never {
  const flags = Object.keys(options).map((name) => `--${name}`)
  process.stderr.write(
    `${why}\nThere are the options ${flags.join(', ')} and the suites ${names.join(', ')}\n`,
  )
  process.exit(2)
}
