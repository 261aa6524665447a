import { above, type Stack } from '../stack.ts'
import { expressChanges, fastifyChanges, koaChanges } from './changes.ts'

const express = { page: 'express', ...expressChanges() }
const fastify = { page: 'fastify', ...fastifyChanges('await app.register') }
const koa = { page: 'koa', ...koaChanges }

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
    ...expressChanges("import express from 'express'"),
  },
  { name: 'Express 5', packages: ['express'], ...express },
  { name: 'Express 4', packages: { express: 'express4' }, ...express },
  { name: 'Fastify 5', packages: ['fastify'], ...fastify },
  { name: 'Fastify 4', packages: { fastify: 'fastify4' }, ...fastify },
  { name: 'Koa 3', packages: ['koa'], ...koa },
  { name: 'Koa 2', packages: { koa: 'koa2' }, ...koa },
]
