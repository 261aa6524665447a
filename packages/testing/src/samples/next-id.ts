import { randomBytes } from 'node:crypto'

const ofThisProcess = randomBytes(6).toString('hex')
let made = 0

/** A new id each time: letters and digits. */
export function nextId(): string {
  made += 1
  return `evt${ofThisProcess}${made.toString(16).padStart(6, '0')}`
}
