/** Names of the semantic conventions for messaging, HTTP and URLs (1.45), and hookport's own where they have none. */
export const names = {
  system: 'messaging.system.name',
  operation: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  destination: 'messaging.destination.name',
  messageId: 'messaging.message.id',
  processDuration: 'messaging.process.duration',
  method: 'http.request.method',
  status: 'http.response.status_code',
  path: 'url.path',
  errorType: 'error.type',
  provider: 'hookport.provider',
  tenant: 'hookport.tenant',
  eventType: 'hookport.event.type',
  eventKey: 'hookport.event.key',
  eventState: 'hookport.event.state',
  conflict: 'hookport.event.conflict',
  handler: 'hookport.handler.name',
  attempt: 'hookport.handler.attempt',
  outcome: 'hookport.outcome',
} as const

/** The value of `messaging.system.name`, and the name of the tracer and the meter. */
export const system = 'hookport'

/** The conventions' word for values whose number is unlimited. */
export const other = '_OTHER'

const knownMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
])

/** A method as the conventions write it, as strangers may send any word. */
export function knownMethod(method: string): string {
  return knownMethods.has(method) ? method : other
}
