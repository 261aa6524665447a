import { describeDrains } from '@hookport/testkit/inbox/describe-drains'
import { testInbox } from './support/test-inbox.ts'

describeDrains(() => testInbox())
