export { assertCountsFilter, assertListFilter } from './inbox-kit/assert-filter.ts'
export { Backoff } from './inbox-kit/backoff.ts'
export { Batch } from './inbox-kit/batch.ts'
export { PollingConsumer, type PollingOptions } from './inbox-kit/consumer/polling-consumer.ts'
export {
  type EventStore,
  interruptionsUntilAlone,
  type TakenEvent,
  type TakeRequest,
  type Taking,
} from './inbox-kit/event-store.ts'
export { GroupCommit, type SharedTransaction } from './inbox-kit/group-commit.ts'
export { notesWhileOpen } from './inbox-kit/notes-while-open.ts'
export { decodeText, encodeText } from './inbox-kit/plain-text.ts'
