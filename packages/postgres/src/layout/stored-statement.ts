import { createHash } from 'node:crypto'

/** The parameters and columns of a statement, for the declaration of a function. */
export interface Signature {
  /** Types of its parameters, from `$1` on. */
  readonly parameters: readonly string[]
  /** Its columns in order, with their types. */
  readonly columns: readonly (readonly [name: string, type: string])[]
}

/**
 * A statement that runs so often that planning it would take as long as running it. It is a function of the schema, whose plan Postgres caches in
 * each connection, also behind a pooler. Where the function does not exist, the statement is sent as text, and does the same.
 */
export interface StoredStatement {
  readonly sql: string
  /** Name of its function. It contains a digest of the text, so that processes of different versions call different functions. */
  readonly name: string
  /** Calls the function with the parameters of the statement. */
  readonly call: string
  /** Creates the function. */
  readonly create: string
}

/** A statement, sent as text or as a call. */
export type Statement = string | StoredStatement

/**
 * The plan is made once, when tables may be empty, and has to suit a million rows, by using the indexes. The planner gives a very high cost to what
 * is switched off here, and would then JIT-compile it.
 */
const settings = [
  'plan_cache_mode = force_generic_plan',
  'enable_seqscan = off',
  'enable_bitmapscan = off',
  'jit = off',
]

/** @param what the beginning of the function's name. */
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

/** Runs a statement of a transaction, and answers its rows. */
export type Ask = <Row>(statement: Statement, values?: unknown[]) => Promise<Row[]>
