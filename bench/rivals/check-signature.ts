import { createHmac, timingSafeEqual } from 'node:crypto'
import { secret } from '../servers/secrets.ts'

/** What people write by hand, and right: over the raw bytes, equal lengths first. */
export function isSigned(body: Buffer, header: unknown): boolean {
  if (typeof header !== 'string') return false
  const expected = Buffer.from(createHmac('sha256', secret).update(body).digest('hex'))
  const given = Buffer.from(header)
  return expected.length === given.length && timingSafeEqual(expected, given)
}
