import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { measureRemembered } from './growth.ts'
import { measureHostile } from './hostile.ts'
import { writePage } from './page.ts'
import { measurePrune } from './prune.ts'
import { runSuite, type SuiteResult } from './run-suite.ts'
import { suites } from './suites.ts'
import { toMarkdown } from './table.ts'
import { measureVerify } from './verify.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    full: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    json: { type: 'string' },
  },
})
const extras = ['verify', 'remembered', 'prune', 'hostile']
const known = [...suites.map(({ name }) => name), ...extras]
const unknown = positionals.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  print(`no such suite: ${unknown.join(', ')}; there are ${known.join(', ')}`)
  process.exit(2)
}

const chosen = (name: string) =>
  positionals.length === 0 ? values.full || !extras.includes(name) : positionals.includes(name)
const rounds = Number(values.rounds ?? (values.full ? 20 : 5))
const sliceMs = values.full ? 400 : 200

const results: SuiteResult[] = []
for (const suite of suites.filter(({ name }) => chosen(name))) {
  const result = await runSuite(suite, {
    rounds,
    sliceMs,
    report: (text) => process.stderr.write(`\r${text}   `),
  })
  results.push(result)
  print(`\n${toMarkdown(result)}`)
}
const verify = chosen('verify') ? measureVerify(values.full ? 60 : 20) : []
if (verify.length > 0) console.table(verify)
const remembered = chosen('remembered') ? await measureRemembered(values.full ? 1_000_000 : 200_000) : []
if (remembered.length > 0) console.table(remembered)
const prune = chosen('prune') ? await measurePrune() : []
if (prune.length > 0) console.table(prune)
const hostile = chosen('hostile') ? await measureHostile() : []
if (hostile.length > 0) console.table(hostile)

const all = { suites: results, verify, remembered, prune, hostile }
if (values.json)
  await writeFile(values.json, `${JSON.stringify({ at: new Date().toISOString(), ...all }, null, 2)}\n`)
if (values.page) await writePage(all)

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
