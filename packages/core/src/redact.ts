/** What is not to be seen of events: for tools that show them. */
export { type RedactedEvent, Redaction } from './redact/redaction.ts'
