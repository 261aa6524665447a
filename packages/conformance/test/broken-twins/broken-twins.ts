import type { BrokenTwin } from './broken-twin.ts'
import { handlingTwins } from './handling.ts'
import { readingTwins } from './reading.ts'
import { replyingTwins } from './replying.ts'
import { takingOnTwins } from './taking-on.ts'
import { verifyingTwins } from './verifying.ts'

export const brokenTwins: readonly BrokenTwin[] = [
  ...readingTwins,
  ...verifyingTwins,
  ...takingOnTwins,
  ...handlingTwins,
  ...replyingTwins,
]
