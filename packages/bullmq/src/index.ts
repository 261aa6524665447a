export { type BullmqInbox, type BullmqInboxOptions, bullmqInbox } from './bullmq-inbox.ts'
export type { ConnectionOption } from './connections.ts'
