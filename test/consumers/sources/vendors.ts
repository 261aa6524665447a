import { createReceiver } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { discord } from '@hookport/providers/discord'
import { github } from '@hookport/providers/github'
import { meta } from '@hookport/providers/meta'
import { shopify } from '@hookport/providers/shopify'
import { slack } from '@hookport/providers/slack'
import { standardWebhooks } from '@hookport/providers/standard-webhooks'
import { stripe } from '@hookport/providers/stripe'
import { twilio } from '@hookport/providers/twilio'

// As in webhooks.ts, without an adapter that would hand the types on.
const secret = 'your-webhook-secret'
export const receiver = createReceiver({ provider: github({ secret }) })
export const webhooks = nodeWebhooks(createReceiver({ provider: stripe({ secret }) }))
export const providers = [
  discord({ secret }),
  meta({ secret }),
  shopify({ secret }),
  slack({ secret }),
  standardWebhooks({ secret }),
  twilio({ secret, publicUrl: 'https://example.com/webhooks/twilio' }),
]
