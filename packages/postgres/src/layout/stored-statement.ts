import { createHash } from 'node:crypto'

/** What a statement takes and answers, as a function declares it. */
export interface Signature {
  /** Types of its parameters, from `$1` on. */
  readonly parameters: readonly string[]
  /** Its columns, in their order, with their types. */
  readonly columns: readonly (readonly [name: string, type: string])[]
}

/**
 * A statement that is asked so often that planning it would cost as much as carrying it out: a function of the schema, whose plan Postgres keeps for each of
 * its connections, behind a pooler as well. Where there is no such function, the statement is sent as it is, and does the same.
 */
export interface StoredStatement {
  readonly sql: string
  /** Of its function. Another text has another name, so that processes of different versions call each its own. */
  readonly name: string
  /** Calls the function, with the parameters of the statement. */
  readonly call: string
  /** Makes the function. */
  readonly create: string
}

/** A statement, to be sent as it is or as a call. */
export type Statement = string | StoredStatement

/**
 * The plan is made once, when tables may be empty, and has to be that for a million rows: along the indexes. The planner reckons what it is forbidden to do as
 * very dear, and would compile it.
 */
const settings = [
  'plan_cache_mode = force_generic_plan',
  'enable_seqscan = off',
  'enable_bitmapscan = off',
  'jit = off',
]

/** @param what begins the function's name. */
export function storedStatement(
  schema: string,
  what: string,
  { parameters, columns }: Signature,
  sql: string,
): StoredStatement {
  const definition = `(${parameters.join(', ')}) RETURNS TABLE (${columns.map((column) => column.join(' ')).join(', ')})
LANGUAGE plpgsql ${settings.map((setting) => `SET ${setting}`).join(' ')} AS $hookport$
#variable_conflict use_column
BEGIN
  RETURN QUERY ${sql.trim()};
END
$hookport$`
  const name = `${what}_${createHash('sha256').update(definition).digest('hex').slice(0, 8)}`
  const called = `"${schema}".${name}`
  const placeholders = parameters.map((_, index) => `$${index + 1}`)
  return {
    sql,
    name,
    call: `SELECT * FROM ${called}(${placeholders.join(', ')})`,
    create: `CREATE OR REPLACE FUNCTION ${called}${definition}`,
  }
}
