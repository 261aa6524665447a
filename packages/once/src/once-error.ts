/**
 * `invalid_option`: what was given can't be worked with. `table_missing`, `not_permitted`, `read_only`, `foreign_table`: the database is not
 * ready for receipts. `asynchronous`: an `apply` that had to be synchronous was not. `rolled_back`: the transaction had failed before `apply` ended.
 */
export type OnceErrorCode =
  | 'invalid_option'
  | 'table_missing'
  | 'not_permitted'
  | 'read_only'
  | 'foreign_table'
  | 'asynchronous'
  | 'rolled_back'

/** Something is wrong with how `once` is used, or with its table. The message says what to do. */
export class OnceError extends Error {
  override readonly name = 'OnceError'
  readonly code: OnceErrorCode

  constructor(code: OnceErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}
