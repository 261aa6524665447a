import { aliasTests } from './alias-tests.ts'
import { aloneTests } from './alone-tests.ts'
import { badMemberTests } from './bad-member-tests.ts'
import { claimTests } from './claim-tests.ts'
import { closeTests } from './close-tests.ts'
import { consumeTests } from './consume-tests.ts'
import { deadLetterTests } from './dead-letter-tests.ts'
import { discardTests } from './discard-tests.ts'
import { durabilityTests } from './durability-tests.ts'
import { expiryTests } from './expiry-tests.ts'
import { fidelityTests } from './fidelity-tests.ts'
import type { InboxTest } from './inbox-test.ts'
import { leaseTests } from './lease-tests.ts'
import { listTests } from './list-tests.ts'
import { lostLeaseTests } from './lost-lease-tests.ts'
import { ownTurnTests } from './own-turn-tests.ts'
import { pageTests } from './page-tests.ts'
import { parkingTests } from './parking-tests.ts'
import { putTests } from './put-tests.ts'
import { replaceTests } from './replace-tests.ts'
import { retryTests } from './retry-tests.ts'
import { settleLeaseTests } from './settle-lease-tests.ts'
import { turnTests } from './turn-tests.ts'
import { untilWantedTests } from './until-wanted-tests.ts'

/** The contract of `Inbox`, as tests that know no test runner. */
export const inboxSuite: readonly InboxTest[] = [
  ...putTests,
  ...expiryTests,
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
  ...aloneTests,
  ...ownTurnTests,
  ...aliasTests,
  ...badMemberTests,
]
