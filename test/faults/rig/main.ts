import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { packMembers } from './pack-members.ts'
import { fromSources } from './programs.ts'
import { describeReport } from './report.ts'
import { isClean, runRig } from './rig.ts'

const usage = `npm run faults -- [--seed N] [--inbox sqlite|bullmq|valkey] [--minutes M] [--sources]

Makes faults for M minutes (10) on each inbox (sqlite, then bullmq), and checks what became of every event. The same seed makes the same
schedule. valkey is the BullMQ inbox on valkey-server (on PATH, or named by VALKEY_SERVER). --sources runs from the sources, not from packed
packages.
`

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    inbox: { type: 'string', multiple: true },
    minutes: { type: 'string', default: '10' },
    sources: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000))
const inboxes = values.inbox ?? ['sqlite', 'bullmq']
const minutes = Number(values.minutes)
const isUnderstood =
  Number.isSafeInteger(seed) && minutes > 0 && inboxes.every((name) => /^(sqlite|bullmq|valkey)$/.test(name))
if (values.help || !isUnderstood) {
  process.stdout.write(usage)
  process.exit(values.help ? 0 : 2)
}

const program = values.sources ? fromSources : await packMembers()
for (const inbox of inboxes) {
  process.stdout.write(`\n${inbox}, ${minutes} minutes, seed ${seed}\n`)
  if (inbox === 'valkey') process.env.REDIS_SERVER = process.env.VALKEY_SERVER ?? 'valkey-server'
  const report = await runRig({
    ...{ seed, program, durationMs: minutes * 60_000 },
    store: inbox === 'sqlite' ? 'sqlite' : 'redis',
    say: (line) => process.stdout.write(`  ${line}\n`),
  })
  process.stdout.write(describeReport(report))
  if (!isClean(report)) process.exitCode = 1
}
if (program !== fromSources && process.exitCode !== 1) rmSync(program.program, { recursive: true })
