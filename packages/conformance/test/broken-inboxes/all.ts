import type { BrokenInbox } from '../support/broken-inbox.ts'
import { brokenAliases } from './aliases.ts'
import { brokenAlone } from './alone.ts'
import { brokenConsumers, brokenRetries } from './consumers.ts'
import { brokenDeadLetters, brokenDiscards } from './dead-letters.ts'
import { brokenDedup } from './dedup.ts'
import { brokenEndings } from './endings.ts'
import { brokenFidelity } from './fidelity.ts'
import { brokenGroups } from './groups.ts'
import { brokenClaims, brokenLeases } from './leases.ts'
import { brokenLists } from './lists.ts'
import { brokenLostLeases } from './lost-leases.ts'
import { brokenNotesOfInboxes } from './notes.ts'
import { brokenOrder, brokenReplays } from './order.ts'
import { brokenParking, brokenReplacing } from './parking.ts'
import { brokenPauses } from './pauses.ts'

export const brokenInboxes: readonly BrokenInbox[] = [
  ...brokenDedup,
  ...brokenClaims,
  ...brokenLeases,
  ...brokenConsumers,
  ...brokenPauses,
  ...brokenRetries,
  ...brokenDeadLetters,
  ...brokenDiscards,
  ...brokenFidelity,
  ...brokenLists,
  ...brokenEndings,
  ...brokenLostLeases,
  ...brokenParking,
  ...brokenReplacing,
  ...brokenAlone,
  ...brokenAliases,
  ...brokenGroups,
  ...brokenOrder,
  ...brokenReplays,
  ...brokenNotesOfInboxes,
]
