import { serveApp } from '@hookport/testkit/http/serve-and-post'

/** A request that an API was asked, with its body as it was written. */
interface AskedRequest {
  readonly line: string
  readonly contentType: string | undefined
  readonly body: string
}

interface Answer {
  readonly status?: number
  readonly headers?: Record<string, string>
  /** Text as it is, anything else as JSON. */
  readonly body?: unknown
}

/** An API that writes down what it is asked, and answers by the request's method and URL. */
export async function recordedApi(answerTo: (line: string, count: number) => Answer) {
  const asked: AskedRequest[] = []
  const baseUrl = await serveApp(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const line = `${request.method} ${request.url}`
    asked.push({
      line,
      contentType: request.headers['content-type'],
      body: Buffer.concat(chunks).toString(),
    })
    const { status = 200, headers = {}, body = '' } = answerTo(line, asked.length)
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  return { at: { apiKey: 'k', baseUrl }, asked, lines: () => asked.map(({ line }) => line) }
}
