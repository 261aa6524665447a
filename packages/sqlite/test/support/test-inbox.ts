import type { Attempt, Consumer, Inbox, Logger, Verdict, Work } from '@hookport/core'
import { type SqliteInboxOptions, sqliteInbox } from '@hookport/sqlite'
import { onTestFinished } from 'vitest'
import { temporaryFile } from './temporary-file.ts'

export const rememberMs = 60_000

export const done: Verdict = { outcome: 'done' }
export const dead: Verdict = { outcome: 'dead', progress: { completed: [], abandoned: [] }, failures: [] }

export function retryIn(delayMs: number): Verdict {
  const progress = { completed: [], abandoned: [] }
  return { outcome: 'retry', delayMs, progress, failures: [], countsAsAttempt: true }
}

const ignore = () => {}
const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }

/** An inbox that is closed with the test; in a file of its own unless told. */
export function testInbox(options: Partial<SqliteInboxOptions> = {}): Inbox {
  const inbox = sqliteInbox({ path: options.path ?? temporaryFile(), ...options })
  onTestFinished(() => inbox.close())
  return inbox
}

/** Consumes an inbox, and writes down every attempt that it hands out. */
export function consumeRecorded(
  inbox: Inbox,
  work: Work = async () => done,
  { provider = 'acme', concurrency = 16, logger = silentLogger } = {},
): { attempts: Attempt[]; consumer: Consumer; ids(): string[] } {
  const attempts: Attempt[] = []
  const recording: Work = (attempt) => {
    attempts.push(attempt)
    return work(attempt)
  }
  const consumer = inbox.consume(recording, { provider, concurrency, logger })
  return { attempts, consumer, ids: () => attempts.map(({ event }) => event.id) }
}

/** What an action rejects with; undefined if it does not. */
export async function rejection(action: () => unknown): Promise<unknown> {
  try {
    await action()
    return undefined
  } catch (reason) {
    return reason
  }
}
