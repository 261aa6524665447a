import { printableLine } from '../terminal/printable.ts'
import { type Expectation, isUnexpected, type Outcome } from './send-report.ts'

/** More of them would add nothing new, and would hide other lines. */
const mostShown = 5
const mostOfBody = 500

/**
 * Describes the reply to a delivery with an unexpected result: status, code and body of the last reply.
 *
 * @param count how many there were so far, with this one. After the fifth there is one more line, and then none.
 */
export function noteUnexpected(delivery: Outcome, planned: Expectation, count: number): string[] {
  if (!isUnexpected(delivery, planned)) return []
  if (count > mostShown) return count === mostShown + 1 ? ['more unexpected replies are only counted'] : []
  const last = delivery.attempts.at(-1)
  if (last === undefined) return ['unexpected: not sent']
  const { status, error, responseBody = '' } = last
  const struck = planned.mischief.length > 0 ? ` to a delivery with ${planned.mischief.join(' and ')}` : ''
  const code = codeIn(responseBody)
  const body = responseBody === '' ? 'an empty body' : printable(responseBody)
  const answer =
    status === null ? error : `${status}${code ? `, code ${code}` : ''}, ${body}${error ? `; ${error}` : ''}`
  return [printableLine(`unexpected${struck}: ${answer}`)]
}

/** The code in the body of a refusal, as hookport and many others write it. */
function codeIn(body: string): string | undefined {
  try {
    const { error, code = error } = JSON.parse(body)
    return typeof code === 'string' ? printable(code) : undefined
  } catch {
    return undefined
  }
}

/** On one line. */
function printable(text: string): string {
  const line = printableLine(text.replace(/\s+/g, ' ')).trim()
  return line.length > mostOfBody ? `${line.slice(0, mostOfBody)}…` : line
}
