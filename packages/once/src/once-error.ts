/**
 * `invalid_option`: an argument can't work. `table_missing`, `not_permitted`, `read_only`, `foreign_table`: the database is not ready for receipts.
 * `asynchronous`: an `apply` that has to be synchronous was not. `rolled_back`: the transaction had failed before `apply` ended. `transaction_ended`:
 * `apply` has ended the transaction itself or given its connection back, or `tx` was used after `apply` had ended.
 */
export type OnceErrorCode =
  | 'invalid_option'
  | 'table_missing'
  | 'not_permitted'
  | 'read_only'
  | 'foreign_table'
  | 'asynchronous'
  | 'rolled_back'
  | 'transaction_ended'

/** `once` was used wrongly, or something is wrong with its table. The message says what to do. */
export class OnceError extends Error {
  override readonly name = 'OnceError'
  readonly code: OnceErrorCode

  constructor(code: OnceErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}
