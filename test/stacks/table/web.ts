import { above, type Change, instead, type Stack } from '../stack.ts'

const withoutResponse =
  'with requests of the Web standard the reply is a return value: there is no response to patch'

/** Those that are made of requests of the Web. */
export const webStacks: readonly Stack[] = [
  {
    name: 'Hono',
    page: 'hono',
    packages: ['hono', '@hono/node-server'],
    keepBody: instead(
      "app.all('/webhooks",
      'app.use(async ({ req }, next) => { if (req.method === "POST") await req.json(); await next() })',
      "app.all('/webhooks/sematryx', async ({ req }) => webhooks(new Request(req.raw, { body: req.raw.body && (await req.arrayBuffer()) })))",
    ),
    takeBody: above(
      "app.all('/webhooks",
      'app.use(async ({ req }, next) => { await req.json(); await next() })',
    ),
    without: { 'patched response': withoutResponse },
  },
  {
    name: 'h3 2',
    page: 'h3',
    packages: ['h3'],
    takeBody: above("app.all('/webhooks", 'app.use(async ({ req }) => { await req.json() })'),
    without: {
      'body kept': 'code that reads a Web standard request keeps nothing of its body',
      'patched response': withoutResponse,
    },
  },
  {
    name: 'h3 1',
    page: 'h3',
    snippet: 2,
    packages: { h3: 'h3v1' },
    keepBody: inFront(
      'async ({ node }) => void Object.assign(node.req, { rawBody: Buffer.concat(await node.req.toArray()) })',
    ),
    takeBody: inFront('async (event) => void (await readBody(event))'),
    patch: inFront('({ node }) => patchResponse(node.res)'),
  },
  {
    name: 'SvelteKit',
    page: 'sveltekit',
    front: 'sveltekit',
    packages: ['@sveltejs/kit'],
    keepBody: instead(
      'export const POST',
      'export const POST = async ({ request }: { request: Request }) => { await request.clone().text(); return webhooks(request) }',
    ),
    takeBody: instead(
      'export const POST',
      'export const POST = async ({ request }: { request: Request }) => { await request.text(); return webhooks(request) }',
    ),
    without: {
      'other routes': 'each file is its own route',
      'patched response': withoutResponse,
    },
  },
]

/** For h3 1: has a handler of every path run first. */
function inFront(handler: string): Change {
  return (snippet) => {
    const app = 'createApp()'
    if (!snippet.includes(app)) throw new Error(`there is no ${app} to put a handler in front of`)
    return snippet.replace(app, `${app}.use(defineEventHandler(${handler}))`)
  }
}
