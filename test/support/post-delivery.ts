import type { SignedDelivery } from '@hookport/sender'

export interface HttpReply {
  status: number
  headers: Headers
  body: string
}

/** Sends a delivery over a socket, byte for byte. */
export async function postDelivery(
  url: string,
  { method, headers, body }: SignedDelivery,
): Promise<HttpReply> {
  const response = await fetch(url, { method, headers, body: new Uint8Array(body) })
  return { status: response.status, headers: response.headers, body: await response.text() }
}
