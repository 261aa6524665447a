import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { packMembers } from './pack-members.ts'
import { fromSources } from './programs.ts'
import { describeReport } from './report.ts'
import { isClean, runRig } from './rig.ts'
import type { StoreKind } from './schedule.ts'

const usage = `npm run faults -- [--seed N] [--inbox sqlite|bullmq|postgres] [--minutes M] [--redis-server PATH] [--sources]

Makes faults for M minutes (10) on each inbox (sqlite, bullmq, postgres), and checks what became of every event. The same seed makes the same
schedule. --redis-server (or REDIS_SERVER) is the program that BullMQ's runs are made on, redis-server on PATH unless told otherwise:
valkey-server, say. --sources runs from the sources, not from packed packages.
`

/** By inbox. */
const stores: Readonly<Record<string, StoreKind>> = {
  sqlite: 'sqlite',
  bullmq: 'redis',
  postgres: 'postgres',
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    inbox: { type: 'string', multiple: true },
    minutes: { type: 'string', default: '10' },
    'redis-server': { type: 'string' },
    sources: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000))
const inboxes = values.inbox ?? Object.keys(stores)
const minutes = Number(values.minutes)
const isUnderstood =
  Number.isSafeInteger(seed) && minutes > 0 && inboxes.every((name) => Object.hasOwn(stores, name))
if (values.help || !isUnderstood) {
  process.stdout.write(usage)
  process.exit(values.help ? 0 : 2)
}

if (values['redis-server']) process.env.REDIS_SERVER = values['redis-server']
const program = values.sources ? fromSources : await packMembers()
for (const inbox of inboxes) {
  const on = inbox === 'bullmq' ? ` on ${redisVersion()}` : ''
  process.stdout.write(`\n${inbox}${on}, ${minutes} minutes, seed ${seed}\n`)
  const report = await runRig({
    ...{ seed, program, durationMs: minutes * 60_000 },
    store: stores[inbox] as StoreKind,
    say: (line) => process.stdout.write(`  ${line}\n`),
  })
  process.stdout.write(describeReport(report))
  if (!isClean(report)) process.exitCode = 1
}
if (program !== fromSources && process.exitCode !== 1) rmSync(program.program, { recursive: true })

/** `Redis server v=7.0.15`, `Valkey server v=8.1.1` … */
function redisVersion(): string {
  const says = execFileSync(process.env.REDIS_SERVER ?? 'redis-server', ['--version'], { encoding: 'utf8' })
  return /^.*? v=\S+/.exec(says)?.[0] ?? says.trim()
}
