export { idleForRequests } from './web/idle-for-requests.ts'
export { readRawStream } from './web/read-raw-stream.ts'
export { type WebDeliveryOptions, webDelivery } from './web/web-delivery.ts'
export {
  type FetchHandler,
  toResponse,
  type WaitUntilContext,
  type WebRoute,
  type WebWebhooks,
  webDrain,
  webWebhooks,
} from './web/web-webhooks.ts'
