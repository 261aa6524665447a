/** Hides redacted values of events, for tools that show events. */
export { type RedactedEvent, Redaction } from './redact/redaction.ts'
