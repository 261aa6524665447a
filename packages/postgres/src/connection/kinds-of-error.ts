/** Whether the database asks to try the transaction again: it ran into another (40001), or each waited for the other (40P01). */
export function isCollision(error: unknown): boolean {
  const code = codeOf(error)
  return code === '40001' || code === '40P01'
}

/**
 * Whether the connection broke, or none could be made, so that another may be had: the server was restarted, a pooler or a firewall has
 * ended it. Whether the statement took place is not known then.
 */
export function isConnectionLoss(error: unknown): boolean {
  const code = codeOf(error)
  if (code !== undefined && /^(08...|57P0[1-5]|25P03|E[A-Z]+)$/.test(code)) return true
  return (
    error instanceof Error &&
    /connection (terminated|ended|closed)|server conn crashed|client_login_timeout|server_login_retry/i.test(
      error.message,
    )
  )
}

/** Whether a function that was called is not there. */
export function isUnknownFunction(error: unknown): boolean {
  return codeOf(error) === '42883'
}

/** Whether the server refused what it was to store, or there was too much of it: of several, it may be one that is to blame. */
export function isAboutData(error: unknown): boolean {
  const code = codeOf(error)
  return code !== undefined && /^(22|23|54)/.test(code)
}

/** Whether the server has refused a statement, and the connection goes on: class 57P ends connections, and 08 is about them. */
export function isOfStatement(error: unknown): boolean {
  const code = codeOf(error)
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !/^(08|57P|25P03|E[A-Z]+$)/.test(code)
}

function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}
