import type { Database } from './connection/database.ts'

interface Settings {
  readonly version: number
  readonly fsync: string
  readonly synchronous_commit: string
  readonly standbys: string
  readonly streaming: number
  readonly in_recovery: boolean
  readonly read_only: string
  readonly isolation: string
  readonly encoding: string
  readonly array_nulls: string
}

const oldest = 13

/** What may lose events in the configuration of this Postgres. The query does not use the tables, so that it also works for a database that can't have them. */
export async function findRisks(database: Database): Promise<readonly string[]> {
  const [settings] = await database.look<Settings>(`
    SELECT current_setting('server_version_num')::integer / 10000 AS version, current_setting('fsync') AS fsync,
      current_setting('synchronous_commit') AS synchronous_commit, current_setting('synchronous_standby_names') AS standbys,
      (SELECT count(*)::integer FROM pg_stat_get_wal_senders()) AS streaming, pg_is_in_recovery() AS in_recovery,
      current_setting('default_transaction_read_only') AS read_only, current_setting('default_transaction_isolation') AS isolation,
      current_setting('server_encoding') AS encoding, current_setting('array_nulls') AS array_nulls`)
  return settings ? risksOf(settings) : []
}

export function risksOf(settings: Settings): string[] {
  const { version, fsync, synchronous_commit, standbys, streaming, in_recovery, read_only } = settings
  const { isolation, encoding, array_nulls } = settings
  const risks: (string | false)[] = [
    version < oldest &&
      `Postgres is version ${version}, and the inbox is made for ${oldest} or later: update it`,
    in_recovery &&
      'Postgres is a standby, which can’t be written: connect the pool to the primary (target_session_attrs=read-write)',
    !in_recovery &&
      read_only === 'on' &&
      'transactions are read-only by default (default_transaction_read_only), so that no event can be taken on: turn it off for this role and database',
    fsync === 'off' &&
      'Postgres does not sync its files (fsync off): a crash of the machine may lose accepted events, or all of the database; set fsync on',
    synchronous_commit === 'off' &&
      'Postgres commits before it has written to disk (synchronous_commit off): a crash may lose the last moments of accepted events; set it on for this role',
    streaming > 0 &&
      (standbys === '' || synchronous_commit === 'local') &&
      'Postgres has a standby that does not replicate synchronously: a failover may lose the last moments of accepted events, and handle other events again; set synchronous_standby_names',
    isolation !== 'read committed' &&
      `transactions are ${isolation} by default (default_transaction_isolation): each statement of the inbox has to begin a transaction of its own, which takes time; set read committed for this role`,
    array_nulls === 'off' &&
      'Postgres reads NULL in an array as a text (array_nulls off), so that no event is handled: turn it on for this role',
    encoding !== 'UTF8' &&
      encoding !== 'SQL_ASCII' &&
      `the database is encoded in ${encoding}: events whose order keys have other characters are refused, and types with such are not found; use a database in UTF8`,
  ]
  return risks.filter((risk) => risk !== false)
}
