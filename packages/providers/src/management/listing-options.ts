import type { ManagementError } from './error.ts'

export interface ListingOptions {
  /** Called with each item of a list that can't be read and is left out. The error's `answer` is the item. Defaults to a warning of the process. */
  onUnreadable?: ((error: ManagementError) => void) | undefined
}

/** Warns of an item that is left out of a list. */
export function warn(error: Error): void {
  const message = `an item of a list is left out: ${error.message}`
  if (typeof process === 'object' && typeof process.emitWarning === 'function')
    process.emitWarning(message, 'ManagementWarning')
  // biome-ignore lint/suspicious/noConsole: without a process, only the console is left
  else console.warn(message)
}
