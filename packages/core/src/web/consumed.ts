import { Refusal } from '../contracts/errors.ts'

/** @param fix which line of the application to change, and how. */
export function consumed(fix: string): Refusal {
  return new Refusal('misconfigured', 'the body was read before hookport could, and its bytes are gone', {
    fix,
  })
}
