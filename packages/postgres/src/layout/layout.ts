import { firstLayout } from './first-layout.ts'
import {
  assertOurs,
  isDenied,
  LayoutError,
  layoutIsEmpty,
  mayNotCreate,
  mayNotMigrate,
} from './layout-error.ts'
import { secondLayout } from './second-layout.ts'
import type { Ask, StoredStatement } from './stored-statement.ts'
import { type Tables, tableNames, tablesIn } from './tables.ts'

/** Step N migrates a schema from version N to version N + 1, as SQL. A released step is never changed: a change of the layout is a new step. */
export const steps: readonly ((tables: Tables) => string)[] = [firstLayout, secondLayout]

interface Found {
  readonly version: number
  readonly application: string
}

type InTransaction = (run: (ask: Ask) => Promise<void>) => Promise<void>

/** The tables of an inbox. They are created, or migrated to the version of this package, before the first statement. */
export class Layout {
  readonly schema: string
  readonly application: string
  readonly tables: Tables
  readonly version: number
  readonly #steps: typeof steps
  #ready: Promise<void> | undefined
  #isReady = false

  constructor(schema: string, application: string, known = steps) {
    this.schema = schema
    this.application = application
    this.tables = tablesIn(schema)
    this.version = known.length
    this.#steps = known
  }

  get isReady(): boolean {
    return this.#isReady
  }

  /** @throws {LayoutError} where the schema belongs to another application, or is newer. The next call checks it again. */
  ready(inTransaction: InTransaction): Promise<void> {
    this.#ready ??= this.#prepare(inTransaction)
    return this.#ready
  }

  /** A statement found another version of the layout: another process may have migrated it to the next one. */
  doubt(): void {
    this.#isReady = false
    this.#ready = undefined
  }

  async #prepare(inTransaction: InTransaction): Promise<void> {
    let explain: ((denied: Error) => LayoutError) | undefined
    const onChange = (older: Found | undefined) => {
      explain = (denied) => (older ? mayNotMigrate(older, this, denied) : mayNotCreate(this, denied))
    }
    try {
      await inTransaction((ask) => this.#migrate(ask, onChange))
      this.#isReady = true
    } catch (error) {
      this.#ready = undefined
      throw explain !== undefined && isDenied(error) ? explain(error) : error
    }
  }

  /** @param onChange called before anything is changed, with what there was. */
  async #migrate(ask: Ask, onChange: (older: Found | undefined) => void): Promise<void> {
    if (this.#isCurrent(await this.#find(ask))) return
    await ask('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`hookport ${this.schema}`]) // IF NOT EXISTS does not lock: two processes that begin at once collide
    const found = await this.#find(ask)
    if (this.#isCurrent(found)) return
    if (found === undefined) await this.#assertNobodyElses(ask)
    const { tables } = this
    onChange(found)
    if (found === undefined) await this.#makeSchema(ask)
    for (const step of this.#steps.slice(found?.version ?? 0)) await ask(step(tables))
    await ask(`UPDATE ${tables.layout} SET version = $1`, [this.version])
  }

  async #find(ask: Ask): Promise<Found | undefined> {
    const { layout } = this.tables
    const [row] = await ask<{ there: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = 'layout') AS there`,
      [this.schema], // not to_regclass, which may answer from before the lock was taken
    )
    if (!row?.there) return undefined
    const [found] = await ask<Found>(`SELECT version, application FROM ${layout}`)
    if (found === undefined) throw layoutIsEmpty(this)
    return found
  }

  #isCurrent(found: Found | undefined): boolean {
    if (found === undefined) return false
    assertOurs(found, this)
    return found.version === this.version
  }

  async #assertNobodyElses(ask: Ask): Promise<void> {
    const others = await ask<{ name: string }>(
      'SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = ANY ($2)',
      [this.schema, [...tableNames]],
    )
    if (others.length === 0) return
    throw new LayoutError(
      `the schema ${this.schema} has a table ${others[0]?.name}, and no table layout: if it belongs to another application, give hookport a schema of its own (option schema); if layout was dropped or renamed, bring it back`,
    )
  }

  /** A schema that exists already may be all that the role is allowed. */
  async #makeSchema(ask: Ask): Promise<void> {
    const [row] = await ask<{ there: boolean }>(
      'SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1) AS there',
      [this.schema],
    )
    if (!row?.there) await ask(schemaSql(this.schema))
    await ask(layoutSql(this.tables, this.application))
  }
}

/**
 * The SQL that the inbox runs at its first start, for people who run their own migrations, or whose application may not create tables. It creates a
 * schema that does not exist yet, in a transaction.
 *
 * @param stored statements for which it creates functions.
 */
export function sqlOf(schema: string, application: string, stored: readonly StoredStatement[]): string {
  const tables = tablesIn(schema)
  return [
    `-- @hookport/postgres: the tables of application ${application}, version ${steps.length}`,
    'BEGIN;',
    `${schemaSql(schema).replace('SCHEMA', 'SCHEMA IF NOT EXISTS')};`,
    layoutSql(tables, application).trim(),
    ...steps.map((step) => step(tables).trim()),
    `UPDATE ${tables.layout} SET version = ${steps.length};`,
    '-- functions for the most frequent statements, of this version of the package: run this part again after an update, or leave it out',
    ...stored.map(({ create }) => `${create};`),
    'COMMIT;',
    '',
  ].join('\n')
}

function schemaSql(schema: string): string {
  return `CREATE SCHEMA "${schema}"`
}

function layoutSql({ layout }: Tables, application: string): string {
  return `
CREATE TABLE ${layout} (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  version integer NOT NULL,
  application text NOT NULL
);
INSERT INTO ${layout} (version, application) VALUES (0, '${application}');
`
}
