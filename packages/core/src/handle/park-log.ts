import type { Logger } from '../contracts/logger.ts'

/** Logs that events wait for a handler, once for each type and handler. */
export class ParkLog {
  readonly #logger: Logger
  readonly #about: Record<string, unknown>
  readonly #handledTypes: () => readonly string[]
  readonly #sampled: Logger
  readonly #said = new Set<string>()

  /** @param sampled for lines that every event may cause. Defaults to `logger`. */
  constructor(
    logger: Logger,
    about: Record<string, unknown>,
    handledTypes: () => readonly string[],
    sampled = logger,
  ) {
    this.#logger = logger
    this.#sampled = sampled
    this.#about = about
    this.#handledTypes = handledTypes
  }

  parked(type: string): void {
    if (!this.#isNew(type)) return
    const sibling = this.#handledTypes().find((handled) => areSiblings(handled, type))
    this.#logger.warn(
      { ...this.#about, type, ...(sibling && { sibling }) },
      `no handler takes events of ${named(type)}: they wait for a process that has one${sibling ? `. There is a handler for ${sibling}; do both names mean the same?` : ''}`,
    )
  }

  /** A replay is for a handler that this process does not have: it belongs to another deploy, or no process has it. */
  waitsFor(handler: string, type: string): void {
    if (!this.#isNew(`${type}\0${handler}`)) return
    this.#logger.warn(
      { ...this.#about, type, handler },
      'events are replayed for a handler that this process does not have: they wait for a process that has it, and block their order keys. Discard them if none has',
    )
  }

  /** The event can't be parked, as it was acknowledged from memory. */
  lost(type: string): void {
    if (!this.#isNew(type)) return
    this.#logger.warn(
      { ...this.#about, type },
      `no handler takes events of ${named(type)}, and a memory inbox can't keep them for later: they are acknowledged and lost. A durable inbox parks them`,
    )
  }

  expired(type: string): void {
    this.#sampled.warn(
      { ...this.#about, type },
      'an event that no handler takes was dropped: it has waited for keepParkedFor, more than maxParkedBytes were waiting, or the store ran short of memory',
    )
  }

  /** Whether it was not told of before. Of names too long to be remembered only one is. */
  #isNew(name: string): boolean {
    const remembered = name.length > longestName ? '' : name
    if (this.#said.has(remembered) || this.#said.size >= mostTypes) return false
    this.#said.add(remembered)
    return true
  }
}

/** Bounded, as a sender chooses its types, and a stranger could send any number of them, each of any length. */
const mostTypes = 1_000
const longestName = 400

/** A type is a sender's text. It is only put into a message if it can't break a line or control a terminal. */
function named(type: string): string {
  return /^[\x21-\x7e]{1,200}$/.test(type) ? `the type ${type}` : 'a type with odd characters'
}

/** `trigger.run.completed` and `trigger.execution.completed`: alike in their first and last part. */
function areSiblings(one: string, other: string): boolean {
  const [ones, others] = [one.split('.'), other.split('.')]
  return ones.length > 1 && others.length > 1 && ones[0] === others[0] && ones.at(-1) === others.at(-1)
}
