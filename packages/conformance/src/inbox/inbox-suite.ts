import type { InboxTest } from './bench/inbox-test.ts'
import { claimTests } from './claim/claim-tests.ts'
import { leaseTests } from './claim/lease-tests.ts'
import { settleLeaseTests } from './claim/settle-lease-tests.ts'
import { aloneTests } from './consume/alone-tests.ts'
import { consumeTests } from './consume/consume-tests.ts'
import { lostLeaseTests } from './consume/lost-lease-tests.ts'
import { notInOrderTests, orderTests, retriedOrderTests } from './consume/order-tests.ts'
import { ownTurnTests } from './consume/own-turn-tests.ts'
import { parkedAtOnceTests, parkedLaterTests, parkingTests } from './consume/parking-tests.ts'
import { replaceClaimedTests, replaceTests } from './consume/replace-tests.ts'
import { retryTests } from './consume/retry-tests.ts'
import { returnToOrderTests } from './consume/return-to-order-tests.ts'
import { turnTests } from './consume/turn-tests.ts'
import { untilWantedTests } from './consume/until-wanted-tests.ts'
import { badMemberTests } from './kept/bad-member-tests.ts'
import { deadLetterTests } from './kept/dead-letter-tests.ts'
import { discardTests } from './kept/discard-tests.ts'
import { fidelityTests } from './kept/fidelity-tests.ts'
import { listTests } from './kept/list-tests.ts'
import { pageTests } from './kept/page-tests.ts'
import { replayTests } from './kept/replay-tests.ts'
import { searchTests } from './kept/search-tests.ts'
import { notesTests } from './notes/notes-tests.ts'
import { aliasTests, keptNamesTests } from './put/alias-tests.ts'
import { expiryTests } from './put/expiry-tests.ts'
import { knowsTests } from './put/knows-tests.ts'
import { putTests } from './put/put-tests.ts'
import { closeTests } from './restart/close-tests.ts'
import { durabilityTests } from './restart/durability-tests.ts'

/** The contract of `Inbox`, as tests that need no particular test runner. */
export const inboxSuite: readonly InboxTest[] = [
  ...putTests,
  ...expiryTests,
  ...keptNamesTests,
  ...claimTests,
  ...leaseTests,
  ...settleLeaseTests,
  ...consumeTests,
  ...turnTests,
  ...retryTests,
  ...deadLetterTests,
  ...discardTests,
  ...fidelityTests,
  ...listTests,
  ...pageTests,
  ...closeTests,
  ...durabilityTests,
  ...lostLeaseTests,
  ...parkingTests,
  ...replaceTests,
  ...untilWantedTests,
  ...parkedAtOnceTests,
  ...replaceClaimedTests,
  ...parkedLaterTests,
  ...aloneTests,
  ...ownTurnTests,
  ...aliasTests,
  ...knowsTests,
  ...badMemberTests,
  ...notesTests,
  ...orderTests,
  ...returnToOrderTests,
  ...retriedOrderTests,
  ...replayTests,
  ...notInOrderTests,
  ...searchTests,
]
