import { makeOnce } from './make-once.ts'
import type { Once } from './once.ts'
import { invalid, type OnceOptions } from './options.ts'
import { boundedWork, longestTimeoutMs, postgres } from './sql/postgres.ts'
import type { Statement } from './sql/statement.ts'

export type * from './index.ts'

interface Queryable {
  /** Runs one statement, with its values as parameters. */
  $queryRaw(parts: TemplateStringsArray, ...values: unknown[]): PromiseLike<unknown>
}

/** The methods of a generated client that are used. */
export interface PrismaLike extends Queryable {
  /** Begins an interactive transaction. */
  $transaction(...interactive: never): unknown
}

/** The argument of the function that is passed to `$transaction`: `Prisma.TransactionClient`. */
export type TransactionOf<Client extends PrismaLike> = Parameters<Client['$transaction']>[0] extends (
  tx: infer Tx,
) => unknown
  ? Tx
  : never

type Interactive<Tx> = (
  run: (tx: Tx & Queryable) => Promise<void>,
  options: { maxWait: number; timeout: number },
) => PromiseLike<void>

/**
 * `once` over a client of Prisma on Postgres. `tx` is its `Prisma.TransactionClient`.
 *
 * @throws {OnceError} `invalid_option`
 */
export function onceIn<Client extends PrismaLike>(
  prisma: Client,
  options?: OnceOptions,
): Once<TransactionOf<Client>> {
  assertOnPostgres(prisma)
  const on = (client: Queryable) => async (statement: Statement) =>
    ((await client.$queryRaw(statement.parts, ...statement.values)) as unknown[]).length
  return makeOnce<TransactionOf<Client>, unknown>(
    {
      dialect: postgres,
      counts: 'answers',
      isSynchronous: false,
      query: on(prisma),
      transaction(work, { timeoutMs }) {
        const whole = boundedWork(work, timeoutMs)
        const begin = prisma.$transaction.bind(prisma) as Interactive<TransactionOf<Client>>
        const ms = Math.min(timeoutMs, longestTimeoutMs) // timers of JavaScript have the same limit as those of Postgres
        return begin((tx) => whole(tx, on(tx)), { maxWait: ms, timeout: ms })
      },
    },
    options,
  )
}

function assertOnPostgres(prisma: unknown): void {
  const { $transaction, _activeProvider: provider } = (prisma ?? {}) as Record<string, unknown>
  if (typeof $transaction !== 'function')
    throw invalid('onceIn of @hookport/once/prisma needs a PrismaClient')
  if (typeof provider === 'string' && !provider.startsWith('postgres'))
    throw invalid(`onceIn of @hookport/once/prisma works on Postgres, but this client is for ${provider}`)
}
