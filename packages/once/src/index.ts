export type { Apply, Applying, NoPromise, Once, OnceHandler, Steps } from './once.ts'
export { OnceError, type OnceErrorCode } from './once-error.ts'
export type { OnceOptions } from './options.ts'
export { receiptsSql } from './receipts/receipts-sql.ts'
