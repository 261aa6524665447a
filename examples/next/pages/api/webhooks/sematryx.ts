import { sematryxWebhooks } from '@hookport/next/pages'
import { printHandled } from '../../../print-handled.ts'

export const config = { api: { bodyParser: false } }

const webhooks = sematryxWebhooks({ secret: process.env.SEMATRYX_WEBHOOK_SECRET })
webhooks.onAnyEvent((event, context) => printHandled(event, context))

export default webhooks
