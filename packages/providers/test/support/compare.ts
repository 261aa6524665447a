import { createReceiver, type EventMap, type Provider, type ReceiverOptions } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import type { SignedDelivery } from '@hookport/sender'
import { feedReceiver } from '@hookport/testkit/receivers/feed-receiver'
import { onTestFinished, vi } from 'vitest'

/** What both clocks say: ours, and that of the sender's own library. */
export const now = Date.parse('2026-11-20T12:00:00Z')
export const nowSeconds = now / 1000

/** A delivery that both sides judge. */
export interface Row {
  readonly name: string
  readonly headers: Record<string, string>
  readonly body: string
  /** What hookport answers. */
  readonly ours: 'accepts' | 'missing_signature' | 'invalid_signature' | 'stale_event'
  /** What the sender's own library does. Ours may be stricter than theirs, never the other way round. */
  readonly theirs: 'accepts' | 'refuses'
  /** Why ours is stricter, where it is. */
  readonly because?: string
}

/** Stops the clock of the library, which has no other. */
export function stopTime(at = now): void {
  vi.useFakeTimers({ toFake: ['Date'], now: at })
  onTestFinished(() => void vi.useRealTimers())
}

/** The answer in a word: `accepts`, or the code of the refusal. */
export async function ourVerdict(
  provider: Provider,
  { headers, body, url }: Pick<Row, 'headers' | 'body'> & { url?: string | undefined },
  options: Partial<ReceiverOptions> = {},
): Promise<string> {
  const window = Math.max(provider.retryHorizon, 3 * 24 * 3600_000)
  const { deliver } = feed(provider, { dedupeWindow: window, ...options })
  const reply = await deliver({ ...posted(body, headers), url })
  return reply.status === 200 ? 'accepts' : (reply.body as { error: string }).error
}

export async function theirVerdict(verify: () => unknown): Promise<Row['theirs']> {
  try {
    return (await verify()) === false ? 'refuses' : 'accepts'
  } catch {
    return 'refuses'
  }
}

export function posted(body: string, headers: Record<string, string>): SignedDelivery {
  return { method: 'POST', headers, body: Buffer.from(body) }
}

/** A receiver that is fed by hand, with what it observed. */
export function feed<Events extends EventMap>(
  provider: Provider<Events>,
  options: Partial<ReceiverOptions<Events>> = {},
) {
  const seen: { outcome: string; key: string; secretIndex?: number | undefined; conflict?: boolean }[] = []
  const receiver = createReceiver({
    logger: false,
    provider,
    clock: manualClock(now),
    observers: {
      accepted: ({ key, secretIndex }) => seen.push({ outcome: 'accepted', key, secretIndex }),
      duplicate: ({ key, conflict }) => seen.push({ outcome: 'duplicate', key, conflict }),
    },
    ...options,
  })
  return { ...feedReceiver(receiver), receiver, seen }
}
