const most = 20_000

/** What this process has settled lately, and need not put again with every pass. The oldest are forgotten first; then they are put once more. */
export class SettledThings {
  readonly #names = new Set<string>()

  has(name: string): boolean {
    return this.#names.has(name)
  }

  add(name: string): void {
    this.#names.add(name)
    if (this.#names.size <= most) return
    for (const oldest of this.#names) {
      this.#names.delete(oldest)
      return
    }
  }
}
