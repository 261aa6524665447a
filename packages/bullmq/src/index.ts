export { type BullmqInbox, bullmqInbox } from './bullmq-inbox.ts'
export type { BullmqInboxOptions } from './bullmq-inbox-options.ts'
export type { ConnectionOption } from './redis/connections.ts'
