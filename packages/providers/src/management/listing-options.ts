import type { ManagementError } from './error.ts'

export interface ListingOptions {
  /** Called with each item of a list that can't be read and is left out. The error's `answer` is the item. Defaults to a warning of the process. */
  onUnreadable?: ((error: ManagementError) => void) | undefined
}
