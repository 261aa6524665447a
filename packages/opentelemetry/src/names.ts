/** Names of the semantic conventions for messaging, HTTP and URLs (1.45), and those of hookport where they have none. */
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

/** Of `messaging.system.name`, and of the tracer and the meter. */
export const system = 'hookport'

/** As conventions have it: in place of a value that there is no end of. */
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

/** A method as the conventions want it: strangers may send any word. */
export function knownMethod(method: string): string {
  return knownMethods.has(method) ? method : other
}
