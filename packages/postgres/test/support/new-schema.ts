import { randomUUID } from 'node:crypto'

/** A name that nobody has. */
export function newSchema(): string {
  return `h${randomUUID().replaceAll('-', '')}`
}
