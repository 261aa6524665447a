export type { PostgresClient, PostgresPool, QueryAnswer, StatementOnPool } from './pool.ts'
export { postgresInbox } from './postgres-inbox.ts'
export type { PostgresInboxOptions } from './postgres-inbox-options.ts'
export { type PostgresSchemaOptions, postgresSchema } from './postgres-schema.ts'
