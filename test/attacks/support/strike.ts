import type { ManualClock } from '@hookport/core/testing'
import { RawConnection, type RawReply } from '@hookport/testkit/http/raw-connection'
import { vi } from 'vitest'
import type { Attack, Sent } from '../attack.ts'
import type { Seen } from './watched-receiver.ts'

export const bodyTimeout = 10_000

/** Sends the bytes, goes on as the attack does, and takes the replies down. */
export async function strike(
  origin: string,
  { afterwards = 'wait', answers, reported = [] }: Attack,
  { bytes }: Sent,
  clock: ManualClock,
  seen: Seen,
): Promise<RawReply[]> {
  const connection = await RawConnection.open(origin)
  const sending = connection.write(bytes)
  if (afterwards === 'end') connection.end()
  if (afterwards === 'hang up' || afterwards === 'stall') {
    await sending
    await until(() => seen.examined.length > 0) // and waits for the body
  }
  if (afterwards === 'hang up') connection.hangUp()
  if (afterwards === 'stall') await clock.advance(bodyTimeout)
  const replies = await connection.replies(answers.length)
  if (afterwards === 'stall') await connection.closed() // by the server, of itself
  await until(() => seen.rejected.length >= reported.length)
  connection.hangUp()
  return replies
}

function until(condition: () => boolean): Promise<unknown> {
  return vi.waitUntil(condition, { interval: 2, timeout: 10_000 })
}
