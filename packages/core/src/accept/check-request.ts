import type { Delivery } from '../contracts/delivery.ts'
import { Refusal } from '../contracts/errors.ts'

/** Refuses what can't be a webhook, before its body is read. */
export function checkRequest({ method, headers }: Delivery): void {
  if (method !== 'POST')
    throw new Refusal('method_not_allowed', `the method is ${JSON.stringify(method)}, webhooks are POSTed`)
  const encoding = headers.get('content-encoding')?.trim().toLowerCase()
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
    throw new Refusal(
      'unsupported_encoding',
      'the body is compressed, but providers sign and send plain bytes',
      {
        fix: 'does a proxy in front compress request bodies?',
      },
    )
  }
}
