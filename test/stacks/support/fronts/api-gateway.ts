import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { serveFront } from './serve-front.ts'

/** What a function answers to an event of version 2.0. */
interface Answer {
  readonly statusCode: number
  readonly headers?: Record<string, string>
  readonly body?: string
  readonly isBase64Encoded?: boolean
}

type Handler = (event: object, context: object) => Promise<Answer>

/**
 * Calls a handler of Lambda as an HTTP API of API Gateway does: the whole body is read, and handed over as text, or in base64 where its media
 * type is no text. Lambda takes no event of more than 6 MB.
 */
export function serve({ handler }: { handler: Handler }): Promise<string> {
  return serveFront(6_000_000, async (request, body) => {
    const {
      statusCode,
      headers,
      body: text = '',
      isBase64Encoded,
    } = await handler(eventOf(request, body), context())
    return { status: statusCode, headers, body: Buffer.from(text, isBase64Encoded ? 'base64' : 'utf8') }
  })
}

function eventOf({ method = '', url = '', headers }: IncomingMessage, body: Buffer): object {
  const [path = '', query = ''] = url.split('?')
  const isText = /^(text\/|application\/(json|javascript|xml))/.test(headers['content-type'] ?? '')
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    requestContext: {
      accountId: '123456789012',
      apiId: 'api-id',
      domainName: 'api-id.execute-api.eu-central-1.amazonaws.com',
      domainPrefix: 'api-id',
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '192.0.2.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: '20/Nov/2026:12:00:00 +0000',
      timeEpoch: Date.now(),
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  }
}

function context(): object {
  return {
    awsRequestId: randomUUID(),
    callbackWaitsForEmptyEventLoop: true,
    functionName: 'webhooks',
    getRemainingTimeInMillis: () => 30_000,
  }
}
