export { SqliteFileError, type SqliteFileProblem } from './file/sqlite-errors.ts'
export { type SqliteInbox, sqliteInbox } from './sqlite-inbox.ts'
export type { SqliteInboxOptions } from './sqlite-inbox-options.ts'
