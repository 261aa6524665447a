import { receiverUrl } from '@hookport/sender'
import type { Flags } from '../flags/flags.ts'
import { readTimeoutMs } from '../flags/timeout-flag.ts'
import { type ExitCode, exitCodes, UsageError } from '../terminal/exit-codes.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { makeRequest, type Recipe } from './made-event.ts'
import { noteUnexpected } from './note-unexpected.ts'
import { isSuccess, post, withoutPassword } from './post.ts'
import { printReport } from './report-table.ts'
import { type Outcome, SendTally } from './send-report.ts'

const defaultTimeoutMs = 10_000
const progressEveryMs = 100
const asItIs = { mischief: [], expected: 'success' } as const

/** Sends events that are made by a recipe, one attempt each, and reports like `sendPlanned`. */
export async function sendMade(recipe: Recipe, flags: Flags, terminal: Terminal): Promise<ExitCode> {
  const url = postUrl('url', flags)
  const count = flags.number('count', { min: 1, whole: true }) ?? 1
  const lanes = Math.min(count, flags.number('concurrency', { min: 1, whole: true }) ?? 16)
  const timeoutMs = readTimeoutMs(flags) ?? defaultTimeoutMs
  const { signal } = terminal
  const tally = new SendTally()
  const startedAt = performance.now()
  let begun = 0
  const first = await makeRequest(recipe) // if it can't be made, this is said before anything is sent
  const progress = setInterval(
    () => terminal.progress(`${tally.deliveries} sent of ${count} events`),
    progressEveryMs,
  )
  const sendOn = async (): Promise<void> => {
    while (begun < count && !signal.aborted) {
      begun += 1
      const request = begun === 1 ? first : await makeRequest(recipe)
      const attempt = await post(url, request, { timeoutMs, signal })
      const delivery: Outcome = {
        attempts: [attempt],
        outcome: isSuccess(attempt) ? 'delivered' : 'failed',
      }
      tally.add(delivery, asItIs)
      for (const line of noteUnexpected(delivery, asItIs, tally.unexpected)) terminal.note(line)
    }
  }
  try {
    await Promise.all(Array.from({ length: lanes }, sendOn))
  } finally {
    clearInterval(progress)
    terminal.progress('')
  }
  const durationMs = performance.now() - startedAt
  const report = tally.report({
    provider: recipe.provider.name,
    url: withoutPassword(url),
    seed: null,
    durationMs,
  })
  printReport(report, flags.has('json'), terminal)
  return report.unexpected === 0 && !signal.aborted ? exitCodes.ok : exitCodes.no
}

/** @throws {UsageError} */
export function postUrl(name: 'url' | 'forward', flags: Flags): URL {
  try {
    return receiverUrl(flags.required(name), flags.has('allow-http'))
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(
      `--${name}: ${(error as Error).message}; --allow-http allows other hosts, such as those of a Docker network`,
    )
  }
}
