import type { Moment } from '../file/file-time.ts'
import type { OpenFile } from './open-file.ts'

/** How a consumer gets at the file. */
export interface FileAccess {
  /** Looks without a lock. Throws where the file can't be asked. */
  read<Result>(look: (file: OpenFile) => Result): Result
  /** Runs in a transaction that others share; `now` is when that began. */
  write<Result>(write: (file: OpenFile, now: Moment) => Result): Promise<Result>
  /** Whether a transaction is being made or about to be. */
  readonly isWriting: boolean
}
