import type { Delivery } from '../../contracts/delivery.ts'
import { Refusal } from '../../contracts/errors.ts'

const compressions = /^(x-)?(gzip|deflate|br|zstd|compress)$/

/** Refuses what can't be a webhook, before its body is read. */
export function checkRequest({ method, headers }: Delivery): void {
  if (method !== 'POST')
    throw new Refusal('method_not_allowed', `the method is ${JSON.stringify(method)}; webhooks use POST`)
  const encoding = headers.get('content-encoding')
  if (encoding && isCompressed(encoding)) {
    throw new Refusal(
      'unsupported_encoding',
      'the body is compressed, but providers sign and send plain bytes',
      {
        fix: 'does a proxy in front compress request bodies?',
      },
    )
  }
}

/** Some senders write `UTF-8` or `identity` there. Neither changes the bytes. Whether anything else did is decided by the signature. */
function isCompressed(encoding: string): boolean {
  return encoding.split(',').some((coding) => compressions.test(coding.trim().toLowerCase()))
}
