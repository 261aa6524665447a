import express from 'express'
import Stripe from 'stripe'
import { secret } from '../../servers/secrets.ts'
import { serve } from '../../servers/serve.ts'
import { dispatch } from '../dispatch.ts'

const stripe = new Stripe('sk_test_benchmark')
const app = express()
app.post('/webhook', express.raw({ type: '*/*' }), async (request, response) => {
  try {
    const signature = request.headers['stripe-signature'] as string
    const event = stripe.webhooks.constructEvent(request.body, signature, secret)
    response.json({ received: true })
    await dispatch(event as unknown as Parameters<typeof dispatch>[0])
  } catch {
    response.sendStatus(401)
  }
})
serve(app)
