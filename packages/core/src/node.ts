export { type NodeDeliveryOptions, nodeDelivery } from './node/node-delivery.ts'
export { type NodeWebhooks, nodeWebhooks } from './node/node-webhooks.ts'
export { readRawBody } from './node/read-raw-body.ts'
export { writeReply } from './node/write-reply.ts'
