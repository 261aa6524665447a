/** The schema can't be used in its current state. The message says what to do. */
export class LayoutError extends Error {
  constructor(message: string) {
    super(`postgresInbox: ${message}`)
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
