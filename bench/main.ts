import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { measure, names, shortRun } from './measure.ts'
import { resultsPath, writePage } from './report/page.ts'
import { merge } from './report/results.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Measure everything, and for longer. */
    full: { type: 'boolean', default: false },
    /** Write docs/performance.md and its charts. */
    page: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    /** Where to write the results. Defaults to docs/performance/results.json where the page is written. */
    json: { type: 'string' },
    /** Take the results of an earlier run from there, and measure only what is named. */
    from: { type: 'string' },
  },
})
const unknown = positionals.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  process.stdout.write(`no such suite: ${unknown.join(', ')}; there are ${names.join(', ')}\n`)
  process.exit(2)
}

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
