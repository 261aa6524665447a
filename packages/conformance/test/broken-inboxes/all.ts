import type { BrokenInbox } from '../support/broken-inbox.ts'
import { brokenConsumers, brokenRetries } from './consumers.ts'
import { brokenDeadLetters, brokenDiscards } from './dead-letters.ts'
import { brokenDedup } from './dedup.ts'
import { brokenEndings } from './endings.ts'
import { brokenFidelity } from './fidelity.ts'
import { brokenClaims, brokenLeases } from './leases.ts'
import { brokenLists } from './lists.ts'
import { brokenLostLeases } from './lost-leases.ts'

export const brokenInboxes: readonly BrokenInbox[] = [
  ...brokenDedup,
  ...brokenClaims,
  ...brokenLeases,
  ...brokenConsumers,
  ...brokenRetries,
  ...brokenDeadLetters,
  ...brokenDiscards,
  ...brokenFidelity,
  ...brokenLists,
  ...brokenEndings,
  ...brokenLostLeases,
]
