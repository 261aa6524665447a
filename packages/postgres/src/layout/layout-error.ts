/** The schema can't be used in its current state. The message says what to do. */
export class LayoutError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(`postgresInbox: ${message}`, options)
  }
}

export interface Known {
  readonly schema: string
  readonly application: string
  readonly version: number
}

/** @throws {LayoutError} where the schema belongs to another application, or is newer than this version of the package. */
export function assertOurs(
  found: { version: number; application: string },
  { schema, application, version }: Known,
): void {
  if (found.application !== application)
    throw new LayoutError(
      `the schema ${schema} belongs to the application ${found.application}, but this inbox belongs to ${application}: each would take the other's events; give it a schema of its own, or name its application`,
    )
  if (found.version > version)
    throw new LayoutError(
      `the schema ${schema} has layout version ${found.version}, and this version of @hookport/postgres knows ${version}: update the package. A schema can't be migrated back to an older version`,
    )
}

/** Whether the role has no right to do this. */
export function isDenied(error: unknown): error is Error {
  return error instanceof Error && (error as { code?: unknown }).code === '42501'
}

/** All versions leave a row there, in the transaction that creates it. */
export function layoutIsEmpty({ schema, application, version }: Known): LayoutError {
  return new LayoutError(
    `the table layout in schema ${schema} is empty, as TRUNCATE leaves it, or row level security hides its row, so that the version of the tables is not known: if that of this package is the newest that has run on them, INSERT INTO "${schema}".layout (version, application) VALUES (${version}, '${application}')`,
  )
}

/** A role that may use the tables, but not change them, can't migrate them. What was granted on the tables says nothing about those that a migration creates. */
export function mayNotMigrate(
  found: { version: number; application: string },
  { schema, version }: Known,
  cause: Error,
): LayoutError {
  const application = found.application === 'hookport' ? '' : ` --application ${found.application}`
  return new LayoutError(
    `the schema ${schema} has layout version ${found.version}, and this version of @hookport/postgres needs ${version}, but the database role may not change the tables (${cause.message}): as their owner, run hookport inbox counts --postgres URL --schema ${schema}${application}, of the same version, which migrates them, and then ${grantsOnTables(schema)}`,
    { cause },
  )
}

/** A role that may not create the tables. What is granted on tables, as below, can't help where there are none yet. */
export function mayNotCreate({ schema, application }: Known, cause: Error): LayoutError {
  const right = cause.message.includes('for database')
    ? 'CREATE ON DATABASE …'
    : `USAGE, CREATE ON SCHEMA "${schema}"`
  const named = application === 'hookport' ? '' : `, application: '${application}'`
  return new LayoutError(
    `the database role lacks rights that it needs to create the tables (${cause.message}): GRANT ${right} TO the role, or have an owner run what postgresSchema({ schema: '${schema}'${named} }) prints (hookport postgres sql) and then ${grantsOnTables(schema)}`,
    { cause },
  )
}

/** What a role needs to use the tables. In quotes, as a schema may be called as a word of SQL, and Postgres reads others in lower case. */
export function grantsOnTables(schema: string): string {
  const named = `SCHEMA "${schema}" TO the role`
  return `GRANT USAGE ON ${named}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN ${named}; GRANT USAGE ON ALL SEQUENCES IN ${named}`
}
