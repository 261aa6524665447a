import type { Verdict, Work } from '@hookport/core'
import { memoryInbox, noProgress } from '@hookport/core'
import { type BrokenInbox, brokenMemory, brokenShared } from '../support/broken-inbox.ts'

const done: Verdict = { outcome: 'done', progress: noProgress }

export const brokenEndings: readonly BrokenInbox[] = [
  brokenMemory('stops without waiting', ['I100'], (inbox) => ({
    consume(work, options) {
      const consumer = inbox.consume(work, options)
      const stopped = Promise.resolve()
      return { wake: () => consumer.wake(), idle: () => consumer.idle(), stop: () => stopped }
    },
  })),
  brokenMemory('takes work after stop', ['I100'], (inbox) => ({
    consume(work, options) {
      const consumer = inbox.consume(work, options)
      let stopped: Promise<void> | undefined
      return {
        wake: () => consumer.wake(),
        idle: () => consumer.idle(),
        stop() {
          stopped ??= consumer.idle()
          return stopped
        },
      }
    },
  })),
  brokenMemory('loses at stop what is due', ['I101'], (inbox) => ({
    consume(work, options) {
      let isStopping = false
      const unlessStopping: Work = async (attempt) => (isStopping ? done : work(attempt))
      const consumer = inbox.consume(unlessStopping, options)
      return {
        wake: () => consumer.wake(),
        idle: () => consumer.idle(),
        stop() {
          isStopping = true
          return consumer.stop()
        },
      }
    },
  })),
  brokenMemory('closes without waiting', ['I102'], () => {
    const closed = Promise.resolve()
    return { close: () => closed }
  }),
  brokenMemory('goes on after close', ['I103'], () => {
    const closed = Promise.resolve()
    return { close: () => closed }
  }),
  brokenMemory('answers reads after close', ['I103'], (inbox) => ({
    async get(key) {
      try {
        return await inbox.get(key)
      } catch {
        return undefined
      }
    },
  })),
  brokenMemory('closes anew with every call', ['I104'], (inbox) => ({ close: async () => inbox.close() })),
  brokenMemory('names every instance a store', ['I107'], () => ({
    get store() {
      return crypto.randomUUID()
    },
  })),
  brokenMemory('gives all stores one name', ['I107'], () => ({ store: 'the store' })),
  brokenMemory('claims to be durable', ['I106'], () => ({ durable: true })),
  brokenShared('closes the store for all', ['I105'], (inbox, store) => ({
    close() {
      store.take = async () => {
        throw new Error('closed by another')
      }
      return inbox.close()
    },
  })),
  brokenShared('waits for a third of the time before a retry', ['I111'], (inbox) => ({
    consume: (work, options) =>
      inbox.consume(async (attempt) => {
        const verdict = await work(attempt)
        return verdict.outcome === 'retry' ? { ...verdict, delayMs: verdict.delayMs / 3 } : verdict
      }, options),
  })),
  brokenShared(
    'does not outlive its instance',
    ['I004', 'I110', 'I111', 'I112', 'I113', 'I114', 'I115', 'I116'],
    () => {
      const own = memoryInbox()
      return {
        put: (event, options) => own.put(event, options),
        claim: (event, options) => own.claim(event, options),
        renew: (lease, leaseMs) => own.renew(lease, leaseMs),
        confirm: (lease, event, options) => own.confirm(lease, event, options),
        release: (lease, progress, attemptUsed) => own.release(lease, progress, attemptUsed),
        consume: (work, options) => own.consume(work, options),
        get: (key) => own.get(key),
        close: () => own.close(),
      }
    },
  ),
]
