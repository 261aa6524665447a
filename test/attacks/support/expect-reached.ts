import { expect } from 'vitest'
import type { Answer, Attack, Sent } from '../attack.ts'
import type { Seen } from './watched-receiver.ts'

/** A reply of hookport has its body, and no more; one of the server in front of it may say what it likes. */
export function replyOf({ status, code }: Answer): unknown {
  const body = status === 200 ? '{"received":true}' : code && `{"error":"${code}"}`
  return expect.objectContaining({ status, ...(body !== undefined && { body }) })
}

/** Only what is authentic may have cost anything. */
export function expectReached(
  { rejected, parsed, stored, handled, dead, accepted }: Seen,
  { reach, answers, runs = 1, reported }: Attack,
  sent: Sent,
): void {
  const refusals = reported ?? answers.flatMap(({ code }) => code ?? [])
  expect(rejected.map(({ code }) => code)).toEqual(refusals)
  const taken = { nowhere: 0, parser: 0, 'dead letter': 1, handler: runs }[reach]
  if (reach === 'nowhere') expect(parsed).toEqual([])
  if (reach === 'nowhere') expect(stored).toEqual([])
  expect(accepted).toHaveLength(taken)
  expect(dead).toHaveLength(reach === 'dead letter' ? 1 : 0)
  expect(handled).toHaveLength(reach === 'handler' ? taken : 0)
  for (const event of handled) {
    for (const value of [event.payload, event.data])
      expect([Object.prototype, Array.prototype]).toContain(Object.getPrototypeOf(value))
    expect((event.data as { polluted?: unknown }).polluted).toBeUndefined()
    if (sent.rawBody) expect(Buffer.from(event.rawBody).equals(sent.rawBody)).toBe(true)
    if (sent.id !== undefined) expect(event.id).toBe(sent.id)
  }
}

/** A line for each thing that happened. What came from outside stands in its details, never in its message. */
export function expectPlainLog({ lines, rejected, dead, conflicts }: Seen): void {
  expect(lines).toHaveLength(rejected.length + dead.length + conflicts.length)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  for (const { message } of lines) expect(message).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/)
}
