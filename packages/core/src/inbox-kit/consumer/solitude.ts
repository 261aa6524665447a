/** A consumer of this process. */
export interface Inhabitant {
  /** Whether it handles events, or is about to. */
  readonly isBusy: boolean
  /** Tells it that it may go on. */
  wake(): void
}

interface Household {
  readonly inhabitants: Set<Inhabitant>
  /** The consumer that is alone, or waits to be. */
  hermit: Inhabitant | undefined
}

/** Shared by the whole process: two copies of this package must see each other. */
const place = Symbol.for('@hookport/core.solitude')
const holder = globalThis as { [place]?: Household | undefined }

function household(): Household {
  holder[place] ??= { inhabitants: new Set(), hermit: undefined }
  return holder[place]
}

/** For tests that simulate several processes in one. Each consumer that `begin` creates assumes that it is the only one of its process. */
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
 * Lets one consumer of the process be alone. A suspect runs while nothing else does, whichever receiver the other events belong to. Otherwise each
 * would be blamed for what another has done.
 */
export class Solitude {
  readonly #self: Inhabitant
  readonly #household: Household

  constructor(self: Inhabitant) {
    this.#household = household()
    this.#household.inhabitants.add(self)
    this.#self = self
  }

  /** Whether no consumer is alone or waits to be, so that events may begin. */
  get isUndisturbed(): boolean {
    return this.#household.hermit === undefined
  }

  /** Asks to be alone. False while another is alone or busy. `wake` is called once that is over. */
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

  /** Tells a consumer that waits to be alone that this one is not busy any more. */
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
