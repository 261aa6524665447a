export { inboxInFront } from './testing/inbox-in-front.ts'
export { type ManualClock, manualClock } from './time/manual-clock.ts'
