import type { Logger } from '@hookport/core'

const intervalMs = 60_000

/** Tells risks that came up after the start, such as another `maxmemory-policy`, as nothing else would show them. */
export class RiskWatch {
  readonly #find: () => Promise<readonly string[]>
  /** What was found at start, or told since. */
  #told: Promise<Set<string>> | undefined
  #lookedAt = performance.now()

  constructor(find: () => Promise<readonly string[]>) {
    this.#find = find
  }

  /** The first call is that at start. Its caller tells what it finds. */
  find(): Promise<readonly string[]> {
    const finding = this.#find()
    this.#told ??= finding.then(
      (found) => new Set(found),
      () => new Set(),
    )
    return finding
  }

  /** Called often. Looks once a minute. */
  look(logger: Pick<Logger, 'warn'>): Promise<void> | undefined {
    if (performance.now() - this.#lookedAt < intervalMs) return undefined
    this.#lookedAt = performance.now()
    return this.#tellNew(logger)
  }

  async #tellNew(logger: Pick<Logger, 'warn'>): Promise<void> {
    const found = await this.#find().catch(() => undefined)
    const told = (await this.#told) ?? new Set()
    for (const risk of found ?? []) if (!told.has(risk)) logger.warn({}, risk)
    if (found) this.#told = Promise.resolve(new Set(found))
  }
}
