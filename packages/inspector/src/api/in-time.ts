import { Denial } from '../access/denial.ts'

/** Longer than any answer takes that is worth waiting for. */
const mostMs = 10_000

/**
 * @throws {Denial} 503 where an answer is not there in time. A store may hang for good: who looks is told so, and what all wait for is asked for anew.
 */
export function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeUp = new Promise<never>((_, reject) => {
    const late = new Denial(503, 'unavailable', `The inbox has not answered for ${mostMs / 1000} s.`)
    timer = setTimeout(() => reject(late), mostMs)
  })
  return Promise.race([answer, timeUp]).finally(() => clearTimeout(timer))
}
