export { type ManualClock, manualClock } from './time/manual-clock.ts'
