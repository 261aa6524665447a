import { type Expectation, isUnexpected, type Outcome } from './send-report.ts'

/** More of them say nothing new, and would hide what is beside them. */
const mostShown = 5
const mostOfBody = 500

/**
 * What came back to a delivery that came out otherwise than expected: status, code and body of the last reply.
 *
 * @param count how many there were so far, this one included. After the fifth there is one more line, and then none.
 */
export function noteUnexpected(delivery: Outcome, planned: Expectation, count: number): string[] {
  if (!isUnexpected(delivery, planned)) return []
  if (count > mostShown) return count === mostShown + 1 ? ['more unexpected replies are counted only'] : []
  const last = delivery.attempts.at(-1)
  if (last === undefined) return ['unexpected: not sent']
  const { status, error, responseBody = '' } = last
  const struck = planned.mischief.length > 0 ? ` to a delivery with ${planned.mischief.join(' and ')}` : ''
  const code = codeIn(responseBody)
  const body = responseBody === '' ? 'an empty body' : printable(responseBody)
  const answer =
    status === null ? error : `${status}${code ? `, code ${code}` : ''}, ${body}${error ? `; ${error}` : ''}`
  return [`unexpected${struck}: ${answer}`]
}

/** The code that hookport, and many others, put into the body of a refusal. */
function codeIn(body: string): string | undefined {
  try {
    const { error, code = error } = JSON.parse(body)
    return typeof code === 'string' ? printable(code) : undefined
  } catch {
    return undefined
  }
}

/** On one line, without what a terminal would take for a command. */
function printable(text: string): string {
  const line = text
    .replace(/\s+/g, ' ')
    .replace(/\p{Cc}/gu, '�')
    .trim()
  return line.length > mostOfBody ? `${line.slice(0, mostOfBody)}…` : line
}
