import { type FileHandle, open } from 'node:fs/promises'

/** What a handler has done, as a line of a file outside Redis. */
export interface Effect {
  readonly id: string
  readonly handler: string
  readonly pid: number
  /** How often a turn at the event had been cut off before this one. */
  readonly interruptions: number
}

/** Appends effects to a file. What was appended at once is brought to the disk at once. */
export class EffectLog {
  readonly #file: Promise<FileHandle>
  #waiting: string[] = []
  #next: Promise<void> | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(path: string) {
    this.#file = open(path, 'a')
  }

  /** Resolves when the line is on the disk. */
  append(effect: Effect): Promise<void> {
    this.#waiting.push(`${JSON.stringify(effect)}\n`)
    this.#next ??= this.#writing.then(() => this.#flush())
    return this.#next
  }

  #flush(): Promise<void> {
    const lines = this.#waiting.join('')
    this.#waiting = []
    this.#next = undefined
    this.#writing = this.#write(lines)
    return this.#writing
  }

  async #write(lines: string): Promise<void> {
    const file = await this.#file
    await file.write(lines)
    await file.sync()
  }
}
