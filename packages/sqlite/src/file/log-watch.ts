/** The log is cut back to 16 MiB after each copy. It only gets this long where something prevents the copy. */
const firstWarningBytes = 64 * 1024 * 1024

/** Notices a log that keeps growing. */
export class LogWatch {
  #warnAt = firstWarningBytes

  /** Answers a warning, once for each doubling from 64 MiB on. */
  see(path: string, bytes: number): string | undefined {
    if (bytes < firstWarningBytes) this.#warnAt = firstWarningBytes
    if (bytes < this.#warnAt) return undefined
    while (this.#warnAt <= bytes) this.#warnAt *= 2
    const megabytes = Math.floor(bytes / 1024 ** 2)
    return `the log of ${path} has grown to ${megabytes} MiB: something reads the file in one long transaction (a backup, a database tool), and until it ends the log can not be copied into the file`
  }
}
