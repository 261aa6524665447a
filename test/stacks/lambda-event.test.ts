import { expect, test } from 'vitest'
import { printed, snippetsOf } from '../guides/snippets.ts'

/** The page's handler of bare events, which the gateway calls with such a request. */
const called = (method: string, rest: string) => `
${snippetsOf('../stacks/aws-lambda.md')[3]}
const requestContext = { domainName: 'abc.example', http: { method: '${method}' } }
const event = { requestContext, headers: {}, rawPath: '/webhooks/sematryx', rawQueryString: '', ${rest} }
const { statusCode } = await handler(event as never, {} as never, () => {}) as { statusCode: number }
console.log(statusCode)
`
const env = { SEMATRYX_WEBHOOK_SECRET: 'a secret of the sender' }

test.each([
  ['a GET with a body', 405, called('GET', "body: 'x', isBase64Encoded: false")],
  ['a GET without one', 405, called('GET', 'isBase64Encoded: false')],
  ['a POST without a body', 401, called('POST', 'isBase64Encoded: false')],
])(
  'the handler of bare events answers %s as any other stack does',
  async (_, status, source) => {
    expect(await printed(source, { env })).toContain(`${status}\n`)
  },
  30_000,
)
