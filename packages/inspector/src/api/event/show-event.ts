import type { EventSummary, Failure, HandlerRun, Inbox, KeptEvent } from '@hookport/core'
import type { Redaction } from '@hookport/core/redact'
import { aTurn } from '../pages.ts'

/** How long one answer looks for redacted values in error messages. */
const cleaningMs = 1_000
const leftOut = 'left out here, to answer in time: open the event to see it'

/**
 * The rows of the table. What is redacted is found in the whole payload, which takes long for a large one. So the process can do other work between
 * two rows, and after a second further messages are left out.
 */
export async function showRows(summaries: readonly EventSummary[], inbox: Inbox, redaction: Redaction) {
  const until = performance.now() + cleaningMs
  const rows: object[] = []
  for (const summary of summaries) {
    rows.push(await showRow(summary, (text) => clean(text, summary.key, inbox, redaction, until)))
  }
  return rows
}

async function showRow(summary: EventSummary, cleaned: (message: string) => string | Promise<string>) {
  const { key, source, tenant, id, type, createdAt, receivedAt, state, attempt, dueAt, failures } = summary
  const failure = failures.at(-1) ?? summary.progress.abandoned.at(-1)
  const row = { key, source, tenant, id, type, createdAt, receivedAt, state, attempt, dueAt }
  if (failure === undefined) return row
  const { handler, code, message } = failure
  return { ...row, failure: { handler, code, message: (await cleaned(message)).slice(0, 300) } }
}

/** Redacted values of the event must not appear in an error message either. */
async function clean(
  message: string,
  key: string,
  inbox: Inbox,
  redaction: Redaction,
  until: number,
): Promise<string> {
  if (redaction.isEmpty) return message
  if (performance.now() >= until) return leftOut
  const event = await inbox.get(key)
  await aTurn()
  return event === undefined ? '' : redaction.of(event).hide(message)
}

/** One event, in full. */
export function showEvent(event: KeptEvent, redaction: Redaction) {
  const { rawBody, ...summary } = event
  if (redaction.isEmpty) return { ...summary, body: { bytes: rawBody.length, base64: toBase64(rawBody) } }
  const { text, headers, hide } = redaction.of(event)
  const { request, orderKey } = summary
  return {
    ...summary,
    ...(request && { request: { url: hide(request.url), headers } }),
    ...(orderKey !== undefined && { orderKey: hide(orderKey) }),
    failures: summary.failures.map((failure) => hideIn(failure, hide)),
    progress: {
      ...summary.progress,
      abandoned: summary.progress.abandoned.map((failure) => hideIn(failure, hide)),
      history: historyWithout(summary.progress.history ?? {}, hide),
    },
    body: { bytes: rawBody.length, text: text ?? null },
  }
}

function historyWithout(
  history: Readonly<Record<string, readonly HandlerRun[]>>,
  hide: (text: string) => string,
): Record<string, readonly HandlerRun[]> {
  return Object.fromEntries(
    Object.entries(history).map(([handler, runs]) => [
      handler,
      runs.map((run) => (run.failure ? { ...run, failure: hideIn(run.failure, hide) } : run)),
    ]),
  )
}

function hideIn(failure: Failure, hide: (text: string) => string): Failure {
  const { message, stack } = failure
  return { ...failure, message: hide(message), ...(stack !== undefined && { stack: hide(stack) }) }
}

const chunk = 32_768

function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += chunk)
    text += String.fromCharCode(...bytes.subarray(at, at + chunk))
  return btoa(text)
}
