import type { JsonObject } from '@hookport/core'
import { type Draft, numberOf, type Sampler } from './draft.ts'

const seconds = ({ at }: Draft) => Math.floor(at / 1000)

const money = { amount: 2_000, currency: 'eur' }

/** Stripe's objects, by the prefix of their event types. */
const objects: Readonly<Record<string, (draft: Draft) => object>> = {
  'payment_intent.': ({ id, type }) => ({
    id: `pi_${id}`,
    object: 'payment_intent',
    ...money,
    status: type.endsWith('succeeded') ? 'succeeded' : 'requires_payment_method',
  }),
  'checkout.session.': ({ id }) => ({
    id: `cs_test_${id}`,
    object: 'checkout.session',
    amount_total: money.amount,
    currency: money.currency,
    payment_status: 'paid',
    status: 'complete',
    customer: 'cus_NffrFeUfNV2Hib',
  }),
  'customer.subscription.': ({ id, type }) => ({
    id: `sub_${id}`,
    object: 'subscription',
    customer: 'cus_NffrFeUfNV2Hib',
    status: type.endsWith('deleted') ? 'canceled' : 'active',
  }),
  'invoice.': ({ id, type }) => ({
    id: `in_${id}`,
    object: 'invoice',
    customer: 'cus_NffrFeUfNV2Hib',
    amount_due: money.amount,
    amount_paid: type.endsWith('paid') ? money.amount : 0,
    currency: money.currency,
    status: type.endsWith('paid') ? 'paid' : 'open',
  }),
  'charge.': ({ id, type }) => ({
    id: `ch_${id}`,
    object: 'charge',
    ...money,
    paid: true,
    refunded: type.endsWith('refunded'),
  }),
  'customer.': ({ id }) => ({ id: `cus_${id}`, object: 'customer', email: 'jenny.rosen@example.com' }),
}

const objectOf = (draft: Draft) =>
  Object.entries(objects).find(([start]) => draft.type.startsWith(start))?.[1](draft) ?? {
    id: `obj_${draft.id}`,
    object: draft.type.split('.')[0],
  }

export const stripe: Sampler = {
  types: [
    'payment_intent.succeeded',
    'payment_intent.payment_failed',
    'checkout.session.completed',
    'customer.subscription.created',
    'customer.subscription.updated',
    'customer.subscription.deleted',
    'invoice.paid',
    'invoice.payment_failed',
    'charge.refunded',
    'customer.created',
  ],
  sample: (draft) => ({
    data: { object: { ...objectOf(draft), created: seconds(draft), livemode: false } },
    envelope: (data) => ({
      id: draft.id,
      object: 'event',
      api_version: '2026-10-29',
      created: seconds(draft),
      data,
      livemode: false,
      pending_webhooks: 1,
      type: draft.type,
    }),
  }),
}

const shopifyThings: Readonly<Record<string, (draft: Draft) => object>> = {
  orders: ({ id, type }) => ({
    id: numberOf(id),
    name: '#1001',
    email: 'jenny.rosen@example.com',
    currency: 'EUR',
    total_price: '20.00',
    financial_status: type === 'orders/paid' ? 'paid' : 'pending',
    line_items: [{ id: 866_550_311, title: 'Umbrella', quantity: 1, price: '20.00' }],
  }),
  products: ({ id }) => ({ id: numberOf(id), title: 'Umbrella', vendor: 'Rain & Co', status: 'active' }),
  customers: ({ id }) => ({ id: numberOf(id), email: 'jenny.rosen@example.com', state: 'enabled' }),
  app: ({ id }) => ({ id: numberOf(id), domain: 'rain-and-co.myshopify.com' }),
}

export const shopify: Sampler = {
  types: [
    'orders/create',
    'orders/paid',
    'orders/cancelled',
    'products/update',
    'customers/create',
    'app/uninstalled',
  ],
  sample: (draft) => {
    const thing = shopifyThings[draft.type.split('/')[0] ?? ''] ?? (({ id }: Draft) => ({ id: numberOf(id) }))
    return {
      data: { ...thing(draft), updated_at: new Date(draft.at).toISOString() },
      envelope: (data) => data as JsonObject,
      headers: {
        'x-shopify-topic': draft.type,
        'x-shopify-webhook-id': draft.id,
        'x-shopify-shop-domain': 'rain-and-co.myshopify.com',
      },
    }
  },
}
