import type { Moment } from '../file/file-time.ts'
import type { OpenFile } from './open-file.ts'

/** How a consumer uses the file. */
export interface FileAccess {
  /** Reads without a lock. Throws where the file can't be read. */
  read<Result>(look: (file: OpenFile) => Result): Result
  /** Runs in a transaction shared with others; `now` is when it began. */
  write<Result>(write: (file: OpenFile, now: Moment) => Result, bytes?: number): Promise<Result>
  /** Whether a transaction runs or is about to begin. */
  readonly isWriting: boolean
}
