import { claimStatement, confirmStatement } from './claims/claim-sql.ts'
import { takeStatements } from './consume/take-sql.ts'
import { verdictStatement } from './consume/verdict-sql.ts'
import type { Layout } from './layout/layout.ts'
import type { StoredStatement } from './layout/stored-statement.ts'
import { putStatement } from './put/put-sql.ts'

/** The statements that run for each event. */
export function storedStatements(layout: Layout): readonly StoredStatement[] {
  const takings = Object.values(takeStatements(layout)).flatMap(({ alone, withVerdicts }) => [
    alone,
    withVerdicts,
  ])
  return [
    putStatement(layout),
    ...takings,
    verdictStatement(layout),
    claimStatement(layout),
    confirmStatement(layout),
  ]
}
