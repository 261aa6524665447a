import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Attempt, Inbox, Lease } from '@hookport/core'
import { attemptAt } from '../support/attempt-at.ts'
import { type BrokenInbox, brokenMemory } from '../support/broken-inbox.ts'

const noProgress = { completed: [], abandoned: [] }

/** Claims that are written down, so that a method can take the current lease for any that it is given. */
function withCurrentLeases(
  inbox: Inbox,
  change: (currentOf: (lease: Lease) => Lease, claim: Inbox['claim']) => Partial<Inbox>,
): Partial<Inbox> {
  const current = new Map<string, Lease>()
  const claim: Inbox['claim'] = async (event, options) => {
    const result = await inbox.claim(event, options)
    if (result.outcome === 'claimed') current.set(event.key, result.lease)
    return result
  }
  return { claim, ...change((lease) => current.get(lease.key) ?? lease, claim) }
}

/** Gives consumers what was claimed or buried before. */
function handingOut(inbox: Inbox, attempts: readonly Attempt[]): Inbox['consume'] {
  return (work, options) => {
    for (const attempt of attempts) Promise.resolve(work(attempt)).catch(() => {})
    return inbox.consume(work, options)
  }
}

export const brokenLeases: readonly BrokenInbox[] = [
  brokenMemory('hands out what is only claimed', ['I025'], (inbox) => {
    const claimed: Attempt[] = []
    return {
      claim(event, options) {
        claimed.push(attemptAt(event))
        return inbox.claim(event, options)
      },
      consume: handingOut(inbox, claimed),
    }
  }),
  brokenMemory('hands out what is buried', ['I063'], (inbox) => {
    const buried: Attempt[] = []
    return {
      bury(lease, event, burial) {
        buried.push(attemptAt(event, { ...burial.progress, abandoned: [] }))
        return inbox.bury(lease, event, burial)
      },
      consume: handingOut(inbox, buried),
    }
  }),
  brokenMemory('renews without a token', ['I032'], (inbox) =>
    withCurrentLeases(inbox, (currentOf) => ({ renew: (lease, ms) => inbox.renew(currentOf(lease), ms) })),
  ),
  brokenMemory('confirms without a token', ['I032'], (inbox) =>
    withCurrentLeases(inbox, (currentOf) => ({
      confirm: (lease, event, options) => inbox.confirm(currentOf(lease), event, options),
    })),
  ),
  brokenMemory('releases without a token', ['I032', 'I033'], (inbox) =>
    withCurrentLeases(inbox, (currentOf) => ({
      async release(lease, progress, attemptUsed) {
        await inbox.release(currentOf(lease), progress, attemptUsed)
        return true
      },
    })),
  ),
  brokenMemory('buries without a token', ['I032'], (inbox) =>
    withCurrentLeases(inbox, (currentOf) => ({
      bury: (lease, event, burial) => inbox.bury(currentOf(lease), event, burial),
    })),
  ),
  brokenMemory('gives every claim of an event the same token', ['I032', 'I035', 'I036'], (inbox) =>
    withCurrentLeases(inbox, (currentOf, claim) => ({
      async claim(event, options) {
        const result = await claim(event, options)
        return result.outcome === 'claimed'
          ? { ...result, lease: { ...result.lease, token: event.key } }
          : result
      },
      release: (lease, progress, attemptUsed) => inbox.release(currentOf(lease), progress, attemptUsed),
    })),
  ),
  brokenMemory('lets leases never end', ['I031', 'I032', 'I034', 'I036'], (inbox) => ({
    claim: (event, { rememberMs }) => inbox.claim(event, { rememberMs, leaseMs: Number.POSITIVE_INFINITY }),
    renew: (lease) => inbox.renew(lease, Number.POSITIVE_INFINITY),
  })),
  brokenMemory('ends leases a millisecond early', ['I030', 'I034'], (inbox) => ({
    claim: (event, { rememberMs, leaseMs }) => inbox.claim(event, { rememberMs, leaseMs: leaseMs - 1 }),
  })),
  brokenMemory('ends leases a millisecond late', ['I031'], (inbox) => ({
    claim: (event, { rememberMs, leaseMs }) => inbox.claim(event, { rememberMs, leaseMs: leaseMs + 1 }),
  })),
  brokenMemory('renews in word only', ['I034'], (inbox) => ({
    renew: async (lease, ms) => (await inbox.renew(lease, 0)) || ms < 0,
  })),
  brokenMemory('forgets a claim with the lease that was renewed', ['I039'], (inbox, clock) => {
    const knownUntil = new Map<string, number>()
    return {
      async claim(event, options) {
        const result = await inbox.claim(event, options)
        const isKnown = clock.now() < (knownUntil.get(event.key) ?? Number.POSITIVE_INFINITY)
        if (result.outcome !== 'claimed' || isKnown) return result
        return { ...result, lease: { ...result.lease, attempt: 1, progress: noProgress } }
      },
      renew(lease, ms) {
        knownUntil.set(lease.key, clock.now() + ms)
        return inbox.renew(lease, ms)
      },
    }
  }),
  brokenMemory('forgets progress at release', ['I035', 'I036'], (inbox) => ({
    release: (lease, _, attemptUsed) => inbox.release(lease, noProgress, attemptUsed),
  })),
  brokenMemory('counts every release as an attempt', ['I035'], (inbox) => ({
    release: (lease, progress) => inbox.release(lease, progress, true),
  })),
  brokenMemory('confirms in word only', ['I012', 'I023', 'I033', 'I038'], () => ({ confirm: () => true })),
  brokenMemory('buries without keeping', ['I024', 'I037', 'I063'], (inbox) => ({
    bury: (lease, _, { progress }) => inbox.release(lease, progress, true),
  })),
]

export const brokenClaims: readonly BrokenInbox[] = [
  brokenMemory('checks, then claims', ['I022'], (inbox) => {
    const claimedKeys = new Set<string>()
    return {
      async claim(event, options) {
        const isClaimed = claimedKeys.has(event.key)
        await nextTurn()
        claimedKeys.add(event.key)
        const result = await inbox.claim(event, options)
        if (isClaimed || result.outcome !== 'in_progress') return result
        return { outcome: 'claimed', lease: { key: event.key, token: 'x', attempt: 1, progress: noProgress } }
      },
    }
  }),
  brokenMemory('counts attempts from 0', ['I020'], (inbox) => ({
    async claim(event, options) {
      const result = await inbox.claim(event, options)
      return result.outcome === 'claimed' ? { ...result, lease: { ...result.lease, attempt: 0 } } : result
    },
  })),
  brokenMemory('does not know how long a lease still runs', ['I021', 'I034'], (inbox) => ({
    async claim(event, options) {
      const result = await inbox.claim(event, options)
      return result.outcome === 'in_progress' ? { ...result, retryAfterMs: 0 } : result
    },
  })),
  brokenMemory('takes a claim for a put', ['I020', 'I025', 'I026'], (inbox) => ({
    async claim(event, options) {
      await inbox.put(event, options)
      return inbox.claim(event, options)
    },
  })),
  brokenMemory('refuses to put what is claimed', ['I026', 'I027'], (inbox) => {
    const claimedKeys = new Set<string>()
    return {
      async claim(event, options) {
        claimedKeys.add(event.key)
        return inbox.claim(event, options)
      },
      put: (event, options) =>
        claimedKeys.has(event.key) ? { outcome: 'duplicate', conflict: false } : inbox.put(event, options),
    }
  }),
  brokenMemory('forgets a claim with its key', ['I028'], (inbox) => ({
    claim: (event, { rememberMs, leaseMs }) =>
      inbox.claim(event, { rememberMs, leaseMs: Math.min(rememberMs, leaseMs) }),
  })),
  brokenMemory('forgets a renewed claim when its first lease would have ended', ['I028', 'I034'], () => ({
    renew: () => true,
  })),
  brokenMemory('lets a claim live on beside a put', ['I026', 'I027'], () => ({ renew: () => true })),
]
