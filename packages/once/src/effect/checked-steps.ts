import type { WebhookEvent } from '@hookport/core/types'
import type { Apply, Steps } from '../once.ts'
import { invalid } from '../options.ts'
import { asynchronous } from './effect-handler.ts'

type AnySteps<Tx> = Steps<WebhookEvent, unknown, Tx, unknown>

const longestName = 200
/** A NUL can't be stored. A line break separates the name from the id of a redrive. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are searched for
const hasControl = /[\0-\x1f]/
const stepNames = ['load', 'apply']

/**
 * The arguments of `once`, as an object.
 *
 * @throws {OnceError} `invalid_option`; `asynchronous` where the client is synchronous and `apply` is an async function.
 */
export function checkSteps<Tx>(name: unknown, given: unknown, isSynchronous: boolean): AnySteps<Tx> {
  assertName(name)
  const steps = typeof given === 'function' ? { apply: given as Apply<never, never, Tx, unknown> } : given
  if (typeof steps !== 'object' || steps === null)
    throw invalid(
      `once(${JSON.stringify(name)}) needs { load, apply } or a function, got ${given === null ? 'null' : typeof given}`,
    )
  for (const [step, value] of Object.entries(steps)) {
    if (!stepNames.includes(step))
      throw invalid(
        `once(${JSON.stringify(name)}) has no step ${step}; its steps are ${stepNames.join(' and ')}`,
      )
    if (value !== undefined && typeof value !== 'function')
      throw invalid(`${step} of once(${JSON.stringify(name)}) must be a function, got ${typeof value}`)
  }
  const { apply } = steps as Partial<AnySteps<Tx>>
  if (!apply)
    throw invalid(`once(${JSON.stringify(name)}) needs apply: the function that has the effect, through tx`)
  if (isSynchronous && apply.constructor.name === 'AsyncFunction') throw asynchronous(name)
  return steps as AnySteps<Tx>
}

function assertName(name: unknown): asserts name is string {
  if (typeof name !== 'string')
    throw invalid(
      `once needs a name first, as in once('save-plan', { apply }), got ${typeof name}: receipts are kept under it`,
    )
  if (name.trim() === '' || name !== name.trim() || name.length > longestName || hasControl.test(name))
    throw invalid(
      `the name of once is ${JSON.stringify(name.slice(0, longestName))}; it must be a string of 1 to ${longestName} characters without spaces around it, on one line`,
    )
}

/** Two effects with the same name would share their receipts. */
export class HandlerNames {
  readonly #taken = new Set<string>()

  get all(): readonly string[] {
    return [...this.#taken]
  }

  /** @throws {OnceError} `invalid_option`. Not in development, where servers load modules again at every save. */
  add(name: string): void {
    if (this.#taken.has(name) && globalThis.process?.env.NODE_ENV !== 'development')
      throw invalid(
        `there is a once(${JSON.stringify(name)}) already: give each its own name, or pass the one handler to several onEvent`,
      )
    this.#taken.add(name)
  }
}
