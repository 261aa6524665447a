import type { ContenderPlan } from '../load/contender.ts'
import type { Scheme } from '../load/sign.ts'

/** Contenders that run against each other, interleaved. */
export interface Suite {
  readonly name: string
  readonly title: string
  /** The one that the others are compared with. */
  readonly rival: ContenderPlan
  readonly contenders: readonly ContenderPlan[]
  /** What hookport aims at: at least this many times the rival in CPU time, by name of the contender. */
  readonly reach?: Readonly<Record<string, number>>
  /** The same in requests per second, where a database is at work, too. */
  readonly reachInThroughput?: Readonly<Record<string, number>>
  readonly needsRedis?: boolean
  /** Contenders are led to it straight, or through PgBouncer. */
  readonly needsPostgres?: 'direct' | 'pooled'
}

type Settings = Readonly<Record<string, string>>

export const expressByHand = rival('Express by hand', 'express')
const fastifyByHand = rival('Fastify by hand', 'fastify')
const acceptingOnly = { CONSUME: '0' }

/** One that takes no event on but answers, as ours does where another process handles. */
function withoutHandling(plan: ContenderPlan): ContenderPlan {
  return { ...plan, env: { HANDLING: 'none' }, handles: false }
}

const frameworks = [
  { name: 'Express', script: 'express', reach: 1.4 },
  { name: 'Fastify', script: 'fastify', reach: 1 },
  { name: 'node:http', script: 'node-http', reach: 1 },
  { name: 'Web handler', script: 'web', reach: 1 },
]

/** Against rivals by hand that keep ids in a map, answer first and try a handler twice. */
const samePromises: readonly Suite[] = frameworks.map(({ name, script, reach }) => ({
  name: `${script}-same`,
  title: `${name}, against one by hand with the same promises, as far as twenty-five lines go`,
  rival: rival(`${name} by hand, same promises`, script, { env: { HANDLING: 'once' } }),
  contenders: [hookport(script)],
  reach: { hookport: reach },
}))

/** A script of the folder rivals. */
function rival(name: string, script: string, more: Partial<ContenderPlan> = {}): ContenderPlan {
  return { name, script: `rivals/${script}.ts`, ...more }
}

/** A script of the folder servers. `settings`: what its environment says. */
function hookport(script: string, settings: Settings = {}, name = 'hookport'): ContenderPlan {
  const handles = settings.CONSUME !== '0'
  return { name, script: `servers/${script}.ts`, env: settings, handles }
}

function signedAs(scheme: Scheme, script: string): ContenderPlan {
  return { ...hookport(script, { PROVIDER: scheme }), scheme }
}

function sqlite(framework: string, synchronous: 'full' | 'normal'): ContenderPlan {
  const settings = { ...acceptingOnly, INBOX: 'sqlite', SYNCHRONOUS: synchronous }
  return hookport(framework, settings, `hookport, ${synchronous.toUpperCase()}`)
}

/** One event of a key at a time, against no order. Handlers do nothing: what is left is the price of the order. */
function ordered(name: string, where: string, settings: Settings): Suite {
  return {
    name,
    title: `Express, ${where}: handled in order, by 1, 100 and 10,000 keys, against no order`,
    rival: hookport('express', settings, 'hookport, unordered'),
    contenders: [1, 100, 10_000].map((keys) =>
      hookport(
        'express',
        { ...settings, ORDER_KEYS: String(keys) },
        `hookport, ${keys.toLocaleString('en')} ${keys === 1 ? 'key' : 'keys'}`,
      ),
    ),
  }
}

export const suites: readonly Suite[] = [
  {
    name: 'express',
    title: 'Express: verify, dedup, inbox, dispatch, against ten lines by hand that keep nothing',
    rival: expressByHand,
    contenders: [hookport('express')],
    reach: { hookport: 1.4 },
  },
  {
    name: 'fastify',
    title: 'Fastify: the same',
    rival: fastifyByHand,
    contenders: [hookport('fastify')],
    reach: { hookport: 0.85 },
  },
  {
    name: 'regression',
    title:
      'Express: what a run of this length tells apart: the same again, and one that wastes 5% on purpose',
    rival: hookport('express'),
    contenders: [
      hookport('express', {}, 'hookport, the same again'),
      hookport('express', { WASTE: '5' }, 'hookport, 5% wasted'),
    ],
  },
  {
    name: 'handlers',
    title: 'Express: up to a thousand handlers, each of a type of its own',
    rival: hookport('express', {}, 'hookport, 1 handler'),
    contenders: [10, 100, 1000].map((count) =>
      hookport('express', { HANDLERS: String(count) }, `hookport, ${count} handlers`),
    ),
  },
  {
    name: 'observed',
    title:
      'Express: with an observer of everything and a logger, every diagnostics channel, or OpenTelemetry, against none',
    rival: hookport('express', {}, 'hookport, unobserved'),
    contenders: [
      hookport('express', { OBSERVED: '1' }, 'hookport, observed'),
      hookport('express', { OBSERVED: 'channels' }, 'hookport, diagnostics channels'),
      hookport('express', { OBSERVED: 'opentelemetry' }, 'hookport, OpenTelemetry'),
    ],
  },
  {
    name: 'node',
    title: 'node:http: the same',
    rival: rival('node:http by hand', 'node-http'),
    contenders: [hookport('node-http')],
    reach: { hookport: 0.9 },
  },
  {
    name: 'web',
    title: 'Web handler under @hono/node-server: the same',
    rival: rival('Web handler by hand', 'web'),
    contenders: [hookport('web')],
    reach: { hookport: 0.85 },
  },
  ...samePromises,
  {
    name: 'github',
    title: 'GitHub on node:http, against @octokit/webhooks',
    rival: rival('@octokit/webhooks', 'libraries/github-octokit', { scheme: 'github' }),
    contenders: [signedAs('github', 'node-http')],
    reach: { hookport: 1.3 },
  },
  {
    name: 'stripe',
    title: 'Stripe on Express, against stripe.webhooks.constructEvent and @hookflo/tern',
    rival: rival('stripe', 'libraries/express-stripe', { scheme: 'stripe' }),
    contenders: [
      signedAs('stripe', 'express'),
      rival('@hookflo/tern', 'libraries/express-tern', { scheme: 'stripe' }),
    ],
    reach: { hookport: 1.3 },
  },
  {
    name: 'standard-webhooks',
    title: 'Standard Webhooks on Express, against standardwebhooks',
    rival: rival('standardwebhooks', 'libraries/express-standardwebhooks', { scheme: 'standard-webhooks' }),
    contenders: [signedAs('standard-webhooks', 'express')],
    reach: { hookport: 1.3 },
  },
  {
    name: 'redis-claims',
    title: 'Express, after-handlers with leases in Redis, against SET … NX by hand',
    needsRedis: true,
    rival: rival('SET NX by hand', 'express-redis'),
    contenders: [hookport('express', { INBOX: 'bullmq', ACKNOWLEDGE: 'after-handlers' })],
    reach: { hookport: 1.5 },
  },
  {
    name: 'redis-claims-pipelined',
    title: 'The same, against SET … NX by hand that is pipelined',
    needsRedis: true,
    rival: rival('SET NX by hand, pipelined', 'express-redis', { env: { PIPELINED: '1' } }),
    contenders: [hookport('express', { INBOX: 'bullmq', ACKNOWLEDGE: 'after-handlers' })],
    reach: { hookport: 1.05 },
  },
  {
    name: 'bullmq',
    title: 'Express, durable accept through BullMQ, against Queue.add with deduplication; all accept only',
    needsRedis: true,
    rival: rival('Queue.add by hand', 'express-bullmq', { handles: false }),
    contenders: [
      rival('Queue.add by hand, by job id', 'express-bullmq', { env: { BY_JOB_ID: '1' }, handles: false }),
      hookport('express', { ...acceptingOnly, INBOX: 'bullmq' }),
    ],
    reach: { hookport: 2 },
  },
  {
    name: 'sqlite-express',
    title: 'Express, durable accept in SQLite, against ten lines by hand that keep nothing; all accept only',
    rival: withoutHandling(expressByHand),
    contenders: [sqlite('express', 'full'), sqlite('express', 'normal')],
    reach: { 'hookport, FULL': 1.0 },
  },
  {
    name: 'sqlite-fastify',
    title: 'Fastify, durable accept in SQLite, against ten lines by hand that keep nothing; all accept only',
    rival: withoutHandling(fastifyByHand),
    contenders: [sqlite('fastify', 'full'), sqlite('fastify', 'normal')],
    reach: { 'hookport, FULL': 0.8 },
  },
  {
    name: 'sqlite-insert',
    title:
      'Fastify, durable accept in SQLite, against one INSERT … ON CONFLICT a request with full sync; both accept only',
    rival: rival('one INSERT by hand, FULL', 'fastify-sqlite', { handles: false }),
    contenders: [sqlite('fastify', 'full')],
    reach: { 'hookport, FULL': 5 },
  },
  {
    name: 'postgres-express',
    title:
      'Express, durable accept in Postgres, against one INSERT … ON CONFLICT a request; both accept only',
    needsPostgres: 'direct',
    rival: rival('one INSERT by hand', 'express-postgres', { handles: false }),
    contenders: [hookport('express', { ...acceptingOnly, INBOX: 'postgres' })],
    reachInThroughput: { hookport: 1.5 },
  },
  {
    name: 'postgres-pgbouncer',
    title: 'The same through PgBouncer in transaction mode',
    needsPostgres: 'pooled',
    rival: rival('one INSERT by hand', 'express-postgres', { env: { POOLED: '1' }, handles: false }),
    contenders: [hookport('express', { ...acceptingOnly, INBOX: 'postgres' })],
    reachInThroughput: { hookport: 1.3 },
  },
  ordered('ordered', 'memory inbox', {}),
  ordered('ordered-sqlite', 'SQLite with full sync', { INBOX: 'sqlite', SYNCHRONOUS: 'full' }),
]
