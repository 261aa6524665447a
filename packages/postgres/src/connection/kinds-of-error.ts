/** Whether the database asks to retry the transaction: it collided with another (40001), or was part of a deadlock (40P01). */
export function isCollision(error: unknown): boolean {
  const code = codeOf(error)
  return code === '40001' || code === '40P01'
}

/**
 * Whether the connection broke or could not be made, so that a new one may work: the server was restarted or has none left, a pooler or a firewall has
 * ended it, or the application has given it back in a transaction that had failed. It is then not known whether the statement ran.
 */
export function isConnectionLoss(error: unknown): boolean {
  if (isSocketEvent(error)) return true
  const code = codeOf(error)
  if (code !== undefined && /^(08...|53300|57P0[1-5]|25P0[2-4]|E[A-Z]+|EAI_AGAIN)$/.test(code)) return true
  return (
    error instanceof Error &&
    /connection (terminated|ended|closed)|not queryable|server conn crashed|client_login_timeout|server_login_retry/i.test(
      error.message,
    )
  )
}

/** What a connection by WebSocket, as those of `@neondatabase/serverless`, fails with. It is no Error, but may have one. */
export function isSocketEvent(error: unknown): boolean {
  return (error as { readonly type?: unknown } | null | undefined)?.type === 'error'
}

/** Whether an answer took longer than the pool allows (`query_timeout`). The server goes on with the statement. */
export function isReadTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout'
}

/** Whether a function that was called does not exist. */
export function isUnknownFunction(error: unknown): boolean {
  return codeOf(error) === '42883'
}

/** Whether the server has no connection left. It begins a process to say so. */
export function isCrowded(error: unknown): boolean {
  return codeOf(error) === '53300'
}

/** Whether a table or its schema does not exist. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error)
  return code === '42P01' || code === '3F000'
}

/** Whether the server refused the values of a statement, or there were too many. Of several items, one may be the cause. */
export function isAboutData(error: unknown): boolean {
  const code = codeOf(error)
  return code !== undefined && /^(22|23|54)/.test(code)
}

/** Whether a text has characters that the encoding of the database does not have. */
export function isUntranslatable(error: unknown): boolean {
  return codeOf(error) === '22P05'
}

/**
 * Whether the server refused a statement, and the connection can still be used. Class 57P ends connections, and class 08 is about connections. A
 * connection that can only read may lead to a server that is a standby since a failover, and a new one to the primary.
 */
export function isOfStatement(error: unknown): boolean {
  const code = codeOf(error)
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !/^(08|57P|25P0[2-4]|25006|E[A-Z]+$)/.test(code)
}

function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}
