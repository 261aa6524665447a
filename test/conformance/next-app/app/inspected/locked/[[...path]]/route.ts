import { inspector } from '@hookport/inspector'
import { webhooks } from '../../../../inspected-webhooks.ts'

export const { GET, POST } = inspector(webhooks)
