import type { Ask, Statement, StoredStatement } from '../layout/stored-statement.ts'
import { isCollision, isConnectionLoss } from './kinds-of-error.ts'

type InTransaction = (run: (ask: Ask) => Promise<void>) => Promise<void>

/** The functions of a schema for stored statements. They are created where they are missing, and not used where they can't be created. */
export class StoredFunctions {
  readonly #schema: string
  readonly #statements: readonly StoredStatement[]
  #usable: ReadonlySet<string> = new Set()
  #ready: Promise<void> | undefined
  #isReady = false

  constructor(schema: string, statements: readonly StoredStatement[]) {
    this.#schema = schema
    this.#statements = statements
  }

  /** Whether it is known which functions exist. */
  get isReady(): boolean {
    return this.#isReady
  }

  get areAny(): boolean {
    return this.#usable.size > 0
  }

  /** The text that is sent for a statement. */
  textOf(statement: Statement): string {
    if (typeof statement === 'string') return statement
    return this.#usable.has(statement.name) ? statement.call : statement.sql
  }

  /**
   * Creates them. Rejects where the connection broke or the statements collided with others; call it again then. It is no error if a role may not
   * create functions, or a server has no PL/pgSQL.
   */
  ready(inTransaction: InTransaction): Promise<void> {
    this.#ready ??= this.#make(inTransaction)
    return this.#ready
  }

  async #make(inTransaction: InTransaction): Promise<void> {
    try {
      await inTransaction(async (ask) => {
        if ((await this.#find(ask)).size < this.#statements.length) await this.#makeMissing(ask)
        this.#usable = await this.#find(ask)
      })
    } catch (error) {
      this.#ready = undefined
      if (isConnectionLoss(error) || isCollision(error)) throw error
    }
    this.#isReady = true
  }

  /** A function was gone. From now on statements are sent as text. */
  giveUp(): void {
    this.#usable = new Set()
  }

  /** They may be gone with their schema. The next call of `ready` looks for them. */
  doubt(): void {
    this.giveUp()
    this.#isReady = false
    this.#ready = undefined
  }

  async #find(ask: Ask): Promise<ReadonlySet<string>> {
    const rows = await ask<{ name: string }>(
      `SELECT p.proname AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
       WHERE n.nspname = $1 AND p.proname = ANY ($2) AND has_function_privilege(p.oid, 'EXECUTE')`,
      [this.#schema, this.#statements.map(({ name }) => name)],
    )
    return new Set(rows.map(({ name }) => name))
  }

  async #makeMissing(ask: Ask): Promise<void> {
    const [may] = await ask<{ create: boolean }>(`SELECT has_schema_privilege($1, 'CREATE') AS create`, [
      this.#schema,
    ])
    if (!may?.create) return
    await ask('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`hookport ${this.#schema}`]) // the same lock as for the tables
    const found = await this.#find(ask)
    for (const { name, create } of this.#statements) if (!found.has(name)) await ask(create)
  }
}
