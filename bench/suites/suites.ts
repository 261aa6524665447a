import type { ContenderPlan } from '../load/contender.ts'

/** Contenders that run against each other, interleaved. */
export interface Suite {
  readonly name: string
  readonly title: string
  /** The one that the others are compared with. */
  readonly rival: ContenderPlan
  readonly contenders: readonly ContenderPlan[]
  /** What hookport aims at: at least this many times the rival, by name of the contender. */
  readonly reach?: Readonly<Record<string, number>>
  readonly needsRedis?: boolean
}

const env = (settings: Record<string, string>) => ({ env: settings })
const redis = { INBOX: 'bullmq', ACKNOWLEDGE: 'after-handlers' }
export const expressByHand: ContenderPlan = { name: 'Express by hand', script: 'rivals/express.ts' }
const fastifyByHand: ContenderPlan = { name: 'Fastify by hand', script: 'rivals/fastify.ts' }
const sqlite = (
  name: string,
  framework: 'express' | 'fastify',
  synchronous: 'full' | 'normal',
): ContenderPlan => ({
  name,
  script: `servers/${framework}.ts`,
  ...env({ INBOX: 'sqlite', SYNCHRONOUS: synchronous, CONSUME: '0' }),
  handles: false,
})

export const suites: readonly Suite[] = [
  {
    name: 'express',
    title: 'Express: verify, dedup, inbox, dispatch, against ten lines by hand that keep nothing',
    rival: expressByHand,
    contenders: [{ name: 'hookport', script: 'servers/express.ts' }],
    reach: { hookport: 1.15 },
  },
  {
    name: 'fastify',
    title: 'Fastify: the same',
    rival: fastifyByHand,
    contenders: [{ name: 'hookport', script: 'servers/fastify.ts' }],
    reach: { hookport: 1.05 },
  },
  {
    name: 'handlers',
    title: 'Express: up to a thousand handlers, each of a type of its own',
    rival: { name: 'hookport, 1 handler', script: 'servers/express.ts' },
    contenders: [10, 100, 1000].map((count) => ({
      name: `hookport, ${count} handlers`,
      script: 'servers/express.ts',
      ...env({ HANDLERS: String(count) }),
    })),
  },
  {
    name: 'observed',
    title: 'Express: with an observer of everything and a logger, against neither',
    rival: { name: 'hookport, unobserved', script: 'servers/express.ts' },
    contenders: [{ name: 'hookport, observed', script: 'servers/express.ts', ...env({ OBSERVED: '1' }) }],
  },
  {
    name: 'node',
    title: 'node:http: the same',
    rival: { name: 'node:http by hand', script: 'rivals/node-http.ts' },
    contenders: [{ name: 'hookport', script: 'servers/node-http.ts' }],
  },
  {
    name: 'web',
    title: 'Web handler under @hono/node-server, against one by hand that reads bodies of any size',
    rival: { name: 'Web handler by hand', script: 'rivals/web.ts' },
    contenders: [{ name: 'hookport', script: 'servers/web.ts' }],
  },
  {
    name: 'github',
    title: 'GitHub on node:http, against @octokit/webhooks',
    rival: { name: '@octokit/webhooks', script: 'rivals/github-octokit.ts', scheme: 'github' },
    contenders: [
      { name: 'hookport', script: 'servers/node-http.ts', scheme: 'github', ...env({ PROVIDER: 'github' }) },
    ],
    reach: { hookport: 1.3 },
  },
  {
    name: 'stripe',
    title: 'Stripe on Express, against stripe.webhooks.constructEvent and @hookflo/tern',
    rival: { name: 'stripe', script: 'rivals/express-stripe.ts', scheme: 'stripe' },
    contenders: [
      { name: 'hookport', script: 'servers/express.ts', scheme: 'stripe', ...env({ PROVIDER: 'stripe' }) },
      { name: '@hookflo/tern', script: 'rivals/express-tern.ts', scheme: 'stripe' },
    ],
    reach: { hookport: 1.3 },
  },
  {
    name: 'standard-webhooks',
    title: 'Standard Webhooks on Express, against standardwebhooks',
    rival: {
      name: 'standardwebhooks',
      script: 'rivals/express-standardwebhooks.ts',
      scheme: 'standard-webhooks',
    },
    contenders: [
      {
        name: 'hookport',
        script: 'servers/express.ts',
        scheme: 'standard-webhooks',
        ...env({ PROVIDER: 'standard-webhooks' }),
      },
    ],
    reach: { hookport: 1.3 },
  },
  {
    name: 'redis-claims',
    title: 'Express, after-handlers with leases in Redis, against SET … NX by hand',
    needsRedis: true,
    rival: { name: 'SET NX by hand', script: 'rivals/express-redis.ts' },
    contenders: [
      { name: 'SET NX by hand, pipelined', script: 'rivals/express-redis.ts', ...env({ PIPELINED: '1' }) },
      { name: 'hookport', script: 'servers/express.ts', ...env(redis) },
    ],
    reach: { hookport: 1.5 },
  },
  {
    name: 'bullmq',
    title: 'Express, durable accept through BullMQ, against Queue.add with deduplication',
    needsRedis: true,
    rival: { name: 'Queue.add by hand', script: 'rivals/express-bullmq.ts', handles: false },
    contenders: [
      {
        name: 'hookport',
        script: 'servers/express.ts',
        ...env({ INBOX: 'bullmq', CONSUME: '0' }),
        handles: false,
      },
    ],
    reach: { hookport: 1.3 },
  },
  {
    name: 'sqlite-express',
    title: 'Express, durable accept in SQLite, against ten lines by hand that keep nothing',
    rival: expressByHand,
    contenders: [
      sqlite('hookport, FULL', 'express', 'full'),
      sqlite('hookport, NORMAL', 'express', 'normal'),
    ],
    reach: { 'hookport, FULL': 1.0 },
  },
  {
    name: 'sqlite-fastify',
    title: 'Fastify, durable accept in SQLite, against ten lines by hand that keep nothing',
    rival: fastifyByHand,
    contenders: [
      sqlite('hookport, FULL', 'fastify', 'full'),
      sqlite('hookport, NORMAL', 'fastify', 'normal'),
    ],
    reach: { 'hookport, FULL': 0.9 },
  },
]
