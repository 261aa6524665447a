import { describeDrains } from '@hookport/testkit/describe-drains'
import { testInbox } from './support/test-inbox.ts'

describeDrains(() => testInbox())
