import { sematryxWebhooks } from '@hookport/express'

const webhooks = sematryxWebhooks({ secret: 'your-webhook-secret' })
webhooks.onEvent('optimization.completed', ({ data }) => data.optimization_id.length)
