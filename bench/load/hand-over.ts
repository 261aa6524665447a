import type { Delivery, Reply } from '@hookport/core'
import type { signedDelivery } from './sign.ts'

/** Hands a delivery to a receiver of this process, without a server between. */
export async function handOver(
  receiver: { receive(delivery: Delivery): Promise<Reply> },
  { headers, body }: ReturnType<typeof signedDelivery>,
): Promise<void> {
  const { status } = await receiver.receive({
    method: 'POST',
    url: '/webhook',
    headers: { get: (name) => headers[name] },
    readBody: () => Buffer.from(body),
  })
  if (status !== 200) throw new Error(`a delivery was answered ${status}`)
}
