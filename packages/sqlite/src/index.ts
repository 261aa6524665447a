export { SqliteFileError, type SqliteFileProblem } from './file/sqlite-file-error.ts'
export { type SqliteInbox, sqliteInbox } from './sqlite-inbox.ts'
export type { SqliteInboxOptions } from './sqlite-inbox-options.ts'
