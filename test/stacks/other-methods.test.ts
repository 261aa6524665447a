import { readFileSync } from 'node:fs'
import { join } from 'node:path'
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

/** What Hono's page says to do below middleware that reads bodies. */
const keptByHono = () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/stacks/hono.md'), 'utf8')
  return /`(webhooks\(new Request\(.*)`/.exec(page)?.[1]
}

test('behind middleware of Hono that reads bodies, a request without one is answered as any other', async () => {
  const source = `
import { webWebhooks } from '@hookport/core/web'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { Hono } from 'hono'
const webhooks = webWebhooks(sematryxReceiver({ secret: 'a secret of the sender', logger: false }))
const app = new Hono()
app.use(async ({ req }, next) => { await req.text(); await next() })
app.all('/', async ({ req }) => ${keptByHono()})
const answers = [{}, { method: 'HEAD' }, { method: 'PUT', body: '{}' }, { method: 'POST', body: '{}' }].map((init) => app.request('/', init))
console.log((await Promise.all(answers)).map(({ status }) => status).join())
`
  expect(await printed(source)).toBe('405,405,405,401\n')
})
