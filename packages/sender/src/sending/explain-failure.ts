const explanations: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection closed before the reply was complete',
  EPIPE: 'connection closed while the body was being sent',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'host name could not be looked up',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'connection timed out',
}

/** Explains a network error. An error that is not in the table keeps its own message. */
export function explainFailure(error: Error & { code?: unknown }): string {
  const code = String(error.code ?? '')
  return explanations[code] ?? (error.message || code || error.name)
}
