/** The log is cut back to 16 MiB after each copy. It only gets this long where something prevents the copy. */
const firstWarningBytes = 64 * 1024 * 1024

/** Notices a log that keeps growing. */
export class LogWatch {
  #warnAt = firstWarningBytes

  /** Answers a warning, once for each doubling from 64 MiB on, and once that it is over. */
  see(path: string, bytes: number): string | undefined {
    if (bytes < firstWarningBytes && this.#warnAt > firstWarningBytes) {
      this.#warnAt = firstWarningBytes
      return `the log of ${path} is copied into the file again`
    }
    if (bytes < this.#warnAt) return undefined
    while (this.#warnAt <= bytes) this.#warnAt *= 2
    const megabytes = Math.floor(bytes / 1024 ** 2)
    return `the log of ${path} has grown to ${megabytes} MiB: something reads the file in one long transaction (a backup, a database tool), and until it ends the log can not be copied into the file`
  }
}
