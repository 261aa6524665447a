import { webhooks } from '../../../inspected-webhooks.ts'

export const { POST } = webhooks
