import {
  type Attempt,
  type ConsumeOptions,
  type Inbox,
  memoryInbox,
  type Progress,
  type Verdict,
} from '@hookport/core'
import { eventRecord } from '@hookport/testkit/inbox/event-records'

const minute = 60_000
const remembered = { rememberMs: 3 * 86_400_000 }
const savePlan = 'onEvent(optimization.completed):save-plan'
const notify = 'onEvent(optimization.completed):notify-team'

/** A store at three in the morning: an ERP that went away twenty minutes ago, and a type that nobody handles yet. */
export async function busyInbox(now = Date.now()): Promise<Inbox> {
  const inbox = memoryInbox()
  for (let index = 120; index > 0; index--)
    await putOne(
      inbox,
      index,
      index % 9 === 0 ? 'strategy.changed' : 'optimization.completed',
      now - index * 0.48 * minute,
    )
  const consumer = inbox.consume(async (attempt) => verdictOn(attempt, now), consumption)
  await consumer.stop()
  for (const age of [19_000, 11_000, 4_000]) await putOne(inbox, age, 'optimization.completed', now - age)
  return inbox
}

async function putOne(inbox: Inbox, index: number, type: string, at: number): Promise<void> {
  const id = `opt_7c41${(4_096 + index * 37).toString(16)}`
  const data = {
    optimization_id: id,
    customer: { name: 'Acme Freight', email: 'dispatch@acme.example' },
    result: { best_solution: [4, 1.5, 0, 12], best_value: 1840.25, evaluations: 4000 },
  }
  const event = eventRecord({
    key: `sematryx:${id}`,
    source: 'sematryx',
    id,
    type,
    createdAt: Math.floor(at) - 800,
    receivedAt: Math.floor(at),
    rawBody: Buffer.from(JSON.stringify({ id, type, created_at: new Date(at).toISOString(), data })),
    request: { url: '/webhooks/sematryx', headers: { 'x-sematryx-event': type } },
  })
  await inbox.put(event, remembered)
}

const consumption: ConsumeOptions = {
  source: 'sematryx',
  concurrency: 4,
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  wanted: () => ({ types: ['optimization.completed'], others: 'park' }),
  parking: { keepMs: 1e9, maxBytes: 1e9 },
  report() {},
  running: () => new Set(),
}

/** What came before the ERP went away was handled; what came a while after has used up its attempts; the rest has some left. */
async function verdictOn({ event }: Attempt, now: number): Promise<Verdict> {
  const age = now - event.receivedAt
  if (age > 23 * minute)
    return { outcome: 'done', progress: { completed: [savePlan, notify], abandoned: [] } }
  const isDead = age > 6 * minute
  const progress = progressOf(event.receivedAt, isDead ? 3 : 1, isDead)
  const failures = [progress.history?.[savePlan]?.at(-1)?.failure ?? failureAt(now)]
  if (isDead) return { outcome: 'dead', progress, failures }
  return { outcome: 'retry', delayMs: 4 * minute, attemptUsed: true, progress, failures }
}

function progressOf(receivedAt: number, attempts: number, isDead: boolean): Progress {
  const runs = Array.from({ length: attempts }, (_, index) => {
    const at = receivedAt + 250 + index * 95_000
    const outcome = isDead && index === attempts - 1 ? ('abandoned' as const) : ('failed' as const)
    return { at, durationMs: 1_204 + index * 61, outcome, failure: failureAt(at) }
  })
  const done = { at: receivedAt + 251, durationMs: 84, outcome: 'completed' as const }
  return { completed: [notify], abandoned: [], history: { [notify]: [done], [savePlan]: runs } }
}

function failureAt(at: number) {
  const message = 'ERP answered 503 Service Unavailable: maintenance until 04:00'
  const stack = `Error: ${message}\n    at putPlan (/srv/app/src/erp.ts:41:11)\n    at savePlan (/srv/app/src/handlers/save-plan.ts:18:5)`
  return { handler: savePlan, code: 'handler_failed', message, stack, at }
}
