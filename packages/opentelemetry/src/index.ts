export { type InstrumentationOptions, instrument } from './instrument.ts'
