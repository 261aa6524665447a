import { above, type Stack } from '../stack.ts'

const keepBytes = 'verify: (request, _response, bytes) => Object.assign(request, { rawBody: bytes })'

const express: Omit<Stack, 'name' | 'packages'> = {
  page: 'express',
  keepBody: above("app.use('/webhooks", `app.use(express.json({ ${keepBytes} }))`),
  takeBody: above("app.use('/webhooks", 'app.use(express.json())'),
  fix: /move app\.use\('\/webhooks\/…', webhooks\) above app\.use\(express\.json\(\)\)/,
  patch: above(
    "app.use('/webhooks",
    'app.use((_request, response, next) => { patchResponse(response); next() })',
  ),
}

const koa: Omit<Stack, 'name' | 'packages'> = {
  page: 'koa',
  keepBody: above('app.use(webhooks)', 'app.use(bodyParser())'),
  takeBody: above(
    'app.use(webhooks)',
    'app.use(async ({ req }, next) => { for await (const _ of req); await next() })',
  ),
  fix: /app\.use\(webhooks\) before app\.use\(bodyParser\(\)\)/,
  patch: above('app.use(webhooks)', 'app.use(({ res }, next) => { patchResponse(res); return next() })'),
}

const fastify: Omit<Stack, 'name' | 'packages'> = {
  page: 'fastify',
  keepBody: above(
    'await app.register',
    "import { Readable } from 'node:stream'",
    "import { buffer } from 'node:stream/consumers'",
    "app.addHook('preParsing', async (_request, _reply, body) => Readable.from([await buffer(body)]))",
  ),
  takeBody: above(
    'await app.register',
    "app.addHook('preParsing', async ({ raw }) => { for await (const _ of raw); })",
  ),
  fix: /a plugin or hook reads request\.raw/,
  patch: above(
    'await app.register',
    "app.addHook('onRequest', async (_request, reply) => patchResponse(reply.raw))",
  ),
}

/** Those that hand over requests and responses of Node's. */
export const nodeStacks: readonly Stack[] = [
  {
    name: 'node:http',
    page: 'node-http',
    packages: [],
    keepBody: above(
      "if (request.url === '/webhooks",
      "if (request.method === 'POST') return request.toArray().then((chunks) => webhooks(Object.assign(request, { rawBody: Buffer.concat(chunks) }), response))",
    ),
    takeBody: above(
      "if (request.url === '/webhooks",
      "if (request.method === 'POST') return request.toArray().then(() => webhooks(request, response))",
    ),
    patch: above("if (request.url === '/webhooks", 'patchResponse(response)'),
  },
  {
    name: 'connect',
    page: 'express',
    snippet: 2,
    packages: ['connect'],
    keepBody: above(
      "app.use('/webhooks",
      "import express from 'express'",
      `app.use(express.json({ ${keepBytes} }))`,
    ),
    takeBody: above("app.use('/webhooks", "import express from 'express'", 'app.use(express.json())'),
    fix: /mount the webhook before express\.json\(\) and other body parsers/,
    patch: above(
      "app.use('/webhooks",
      'app.use((_request, response, next) => { patchResponse(response); next() })',
    ),
  },
  { name: 'Express 5', packages: ['express'], ...express },
  { name: 'Express 4', packages: { express: 'express4' }, ...express },
  { name: 'Fastify 5', packages: ['fastify'], ...fastify },
  { name: 'Fastify 4', packages: { fastify: 'fastify4' }, ...fastify },
  { name: 'Koa 3', packages: ['koa'], ...koa },
  { name: 'Koa 2', packages: { koa: 'koa2' }, ...koa },
]
