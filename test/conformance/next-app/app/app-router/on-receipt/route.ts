import { nextWebhooks } from '@hookport/next'
import { receiverAt } from '../../../receiver-at.ts'

export const { POST, GET, PUT, PATCH, DELETE, OPTIONS } = nextWebhooks(receiverAt('/on-receipt'))
