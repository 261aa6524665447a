export { SqliteFileError, type SqliteFileProblem } from './sqlite-file-error.ts'
export { sqliteInbox } from './sqlite-inbox.ts'
export type { SqliteInboxOptions } from './sqlite-inbox-options.ts'
