/** A consumer of this process. */
export interface Inhabitant {
  /** Whether it has events under work, or is about to. */
  readonly isBusy: boolean
  /** Says that it may go on. */
  wake(): void
}

interface Household {
  readonly inhabitants: Set<Inhabitant>
  /** Who is alone, or waits to be. */
  hermit: Inhabitant | undefined
}

/** In a place of its own in the process: two copies of this package must see each other. */
const place = Symbol.for('@hookport/core.solitude')
const holder = globalThis as { [place]?: Household | undefined }

function household(): Household {
  holder[place] ??= { inhabitants: new Set(), hermit: undefined }
  return holder[place]
}

/**
 * For tests that play several processes in one: consumers that `begin` makes take themselves to be the only ones of their process.
 */
export function inAnotherProcess<Result>(begin: () => Result): Result {
  const here = holder[place]
  holder[place] = undefined
  try {
    return begin()
  } finally {
    holder[place] = here
  }
}

/**
 * Lets one consumer of the process be alone: a suspect is run while nothing else is, whatever the
 * receiver that the rest belongs to. Else each would be taken for what another has done.
 */
export class Solitude {
  readonly #self: Inhabitant
  readonly #household: Household

  constructor(self: Inhabitant) {
    this.#household = household()
    this.#household.inhabitants.add(self)
    this.#self = self
  }

  /** Whether nobody else is alone, or waits to be: events may be begun. */
  get isUndisturbed(): boolean {
    const { hermit } = this.#household
    return hermit === undefined || hermit === this.#self
  }

  /** Asks to be alone. False while another is, or works; `wake` is called once that is over. */
  enter(): boolean {
    const { inhabitants } = this.#household
    this.#household.hermit ??= this.#self
    if (this.#household.hermit !== this.#self) return false
    return [...inhabitants].every((one) => one === this.#self || !one.isBusy)
  }

  /** Ends being alone, and lets the others go on. */
  leave(): void {
    if (this.#household.hermit !== this.#self) return
    this.#household.hermit = undefined
    for (const other of this.#household.inhabitants) if (other !== this.#self) other.wake()
  }

  /** Tells whoever waits to be alone that it is not busy any more. */
  rest(): void {
    const { hermit } = this.#household
    if (hermit !== undefined && hermit !== this.#self) hermit.wake()
  }

  /** Leaves for good. */
  moveOut(): void {
    this.#household.inhabitants.delete(this.#self)
    this.leave()
  }
}
