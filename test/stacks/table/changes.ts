import { above, type Stack } from '../stack.ts'

/** What applications put in front of a webhook. */
type Changes = Pick<Stack, 'keepBody' | 'takeBody' | 'fix' | 'patch'>

const keepBytes = 'verify: (request, _response, bytes) => Object.assign(request, { rawBody: bytes })'
const patch = 'app.use((_request, response, next) => { patchResponse(response); next() })'

/** For a snippet with an `app` of Express. What goes above the webhook may begin with lines of its own. */
export function expressChanges(...lines: string[]): Changes {
  const inFront = (line: string) => above("app.use('/webhooks", ...lines, line)
  return {
    keepBody: inFront(`app.use(express.json({ ${keepBytes} }))`),
    takeBody: inFront('app.use(express.json())'),
    fix: /move app\.use\('\/webhooks\/…', webhooks\) above app\.use\(express\.json\(\)\)/,
    patch: inFront(patch),
  }
}

/** For a snippet in which the line that registers the webhook begins with `register`, and `app` is a Fastify application. */
export function fastifyChanges(register: string, app = 'app'): Changes {
  const hook = (name: string, handler: string) => above(register, `${app}.addHook('${name}', ${handler})`)
  const keep =
    "async (_request, _reply, body) => (await import('node:stream')).Readable.from([Buffer.concat(await body.toArray())])"
  return {
    keepBody: hook('preParsing', keep),
    takeBody: hook('preParsing', 'async ({ raw }) => { await raw.toArray() }'),
    fix: /a plugin or hook reads request\.raw/,
    patch: hook('onRequest', 'async (_request, reply) => patchResponse(reply.raw)'),
  }
}

export const koaChanges: Changes = {
  keepBody: above('app.use(webhooks)', 'app.use(bodyParser())'),
  takeBody: above(
    'app.use(webhooks)',
    'app.use(async ({ req }, next) => { await req.toArray(); await next() })',
  ),
  fix: /app\.use\(webhooks\) before app\.use\(bodyParser\(\)\)/,
  patch: above('app.use(webhooks)', 'app.use(({ res }, next) => { patchResponse(res); return next() })'),
}
