export { inAnotherProcess } from './inbox-kit/solitude.ts'
export { inboxInFront } from './testing/inbox-in-front.ts'
export { type ManualClock, manualClock } from './time/manual-clock.ts'
