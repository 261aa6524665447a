import { Denial } from '../access/denial.ts'

/** Nobody waits longer than this for an answer. */
const mostMs = 10_000

/**
 * @param who is asked.
 * @throws {Denial} 503 if there is no answer in time. A store may hang forever: then the viewer is told so, and the next request asks again.
 */
export function inTime<Answer>(
  answer: Promise<Answer>,
  { who = 'The inbox', ms = mostMs } = {},
): Promise<Answer> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeUp = new Promise<never>((_, reject) => {
    const late = new Denial(503, 'unavailable', `${who} has not answered for ${ms / 1000} s.`)
    timer = setTimeout(() => reject(late), ms)
  })
  return Promise.race([answer, timeUp]).finally(() => clearTimeout(timer))
}
