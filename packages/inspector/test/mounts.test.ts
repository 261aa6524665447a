import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { connect } from 'node:http2'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { type HttpBindings, serve } from '@hono/node-server'
import { memoryInbox } from '@hookport/core'
import { type Inspector, inspector } from '@hookport/inspector'
import { express4 } from '@hookport/testkit/http/express-versions'
import { runningServer } from '@hookport/testkit/http/serving'
import express from 'express'
import { fastify } from 'fastify'
import { fastify as fastify4 } from 'fastify4'
import { Hono } from 'hono'
import Koa from 'koa'
// @ts-expect-error: it has no types of its own
import Koa2 from 'koa2'
import { afterEach, describe, expect, test } from 'vitest'
import { keptInbox } from './support/kept-inbox.ts'

interface Mounted {
  readonly origin: string
  readonly stop: () => Promise<unknown>
}

type Mount = (page: Inspector) => Promise<Mounted>

async function listening(server: ReturnType<typeof createServer>): Promise<Mounted> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return runningServer(server, async () => {})
}

/** @param parser `json` has read the body of a change before we see it. Those of Express 4 for other types leave `{}`, and have read nothing. */
function expressMount(makeApp: typeof express, parser: 'json' | 'raw' = 'json'): Mount {
  return (page) => {
    const app = makeApp()
    app.use(makeApp[parser]())
    app.use('/ops/hookport', page)
    return listening(createServer(app))
  }
}

// biome-ignore lint/suspicious/noExplicitAny: of two versions
function fastifyMount(makeApp: () => any): Mount {
  return async (page) => {
    const app = makeApp()
    await app.register(page.fastify, { prefix: '/ops/hookport' })
    const origin = await app.listen({ port: 0, host: '127.0.0.1' })
    return { origin, stop: () => app.close() }
  }
}

function koaMount(app: Koa): Mount {
  return (page) => {
    app.use((context, next) => {
      if (!context.path.startsWith('/ops/hookport')) return next()
      context.respond = false
      return page(context.req, context.res)
    })
    return listening(createServer(app.callback()))
  }
}

const mounts: Record<string, Mount> = {
  'node:http': (page) => listening(createServer(page)),
  'Express 5': expressMount(express),
  'Express 4': expressMount(express4),
  'Express 4 with a parser of other bodies': expressMount(express4, 'raw'),
  'Fastify 5': fastifyMount(fastify),
  'Fastify 4': fastifyMount(fastify4),
  'Koa 3': (page) => koaMount(new Koa())(page),
  'Koa 2': (page) => koaMount(new Koa2() as Koa)(page),
  async Hono(page): Promise<Mounted> {
    const app = new Hono().all('/ops/hookport/*', (context) => page.fetch(context.req.raw, context))
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
    await once(server, 'listening')
    return runningServer(server as ReturnType<typeof createServer>, async () => {})
  },
  async 'route handlers, as Next calls them'(page) {
    const { GET, POST } = page
    const app = new Hono()
      .get('/ops/hookport/*', (context) => GET(context.req.raw))
      .post('/ops/hookport/*', (context) => POST(context.req.raw))
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
    await once(server, 'listening')
    return runningServer(server as ReturnType<typeof createServer>, async () => {})
  },
}

let stop: () => Promise<unknown> = async () => {}
afterEach(() => stop())

describe.each(Object.entries(mounts))('mounted in %s', (name, mount) => {
  async function mounted(options = {}) {
    const inbox = await keptInbox()
    const page = inspector(inbox, { authorize: () => true, ...options })
    const running = await mount(page)
    stop = async () => {
      page.close()
      await running.stop()
    }
    return { inbox, page, base: `${running.origin}/ops/hookport` }
  }

  test('the page finds its files and its data, with a slash at the end and without', async () => {
    const { base } = await mounted()
    for (const address of [base, `${base}/`]) {
      const html = await (await fetch(address)).text()
      const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(
        ([, file = '']) => new URL(file, address).href,
      )
      expect(files).toHaveLength(3)
      for (const file of files) expect((await fetch(file)).status).toBe(200)
    }
    const events = await (await fetch(`${base}/api/events?state=dead`)).json()
    expect(events).toMatchObject({ items: [{ state: 'dead' }, { state: 'dead' }] })
  })

  test('a change is made', async () => {
    const { base, inbox } = await mounted()
    const session = await fetch(`${base}/api/session`)
    const { change } = (await session.json()) as { change: string }
    const answer = await fetch(`${base}/api/redrive`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-hookport-change': change,
        origin: new URL(base).origin,
        cookie: session.headers.getSetCookie()[0]?.split(';')[0] ?? '',
      },
      body: JSON.stringify({ keys: ['acme:evt_dead_1'] }),
    })
    expect(await answer.json()).toEqual({ redriven: 1, notFound: [] })
    expect(await inbox.counts()).toMatchObject({ dead: 1 })
  })

  test('live updates come as they happen, and end with the page', async () => {
    const { base, inbox, page } = await mounted({ refreshMs: 100 })
    const response = await fetch(`${base}/api/live`)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const until = async (wanted: string) => {
      while (!text.includes(wanted))
        text += (await reader?.read())?.value ?? expect.fail(`ended without ${wanted}`)
    }
    await until('"dead":2')
    await inbox.discard('acme:evt_dead_1')
    await until('"dead":1')
    page.close()
    while (!(await reader?.read())?.done) {}
  })

  test('without authorize it is locked, and opens with its token', async () => {
    const inbox = await keptInbox()
    const page = inspector(inbox)
    const running = await mount(page)
    stop = running.stop
    const base = `${running.origin}/ops/hookport`
    expect((await fetch(base)).status).toBe(401)
    const opened = await fetch(`${base}?token=${page.ticket()}`)
    const cookie = opened.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    expect((await fetch(`${base}/api/events`, { headers: { cookie } })).status).toBe(200)
    expect((await fetch(`${base}/api/events`)).status).toBe(401)
    expect(
      (await fetch(`${base}?token=${page.ticket()}`, { headers: { 'x-forwarded-for': '1.2.3.4' } })).status,
    ).toBe(403)
  })

  if (!name.startsWith('route handlers'))
    test.each([
      ['localhost:9', 'localhost'],
      ['127.0.0.5', '127.0.0.1'],
    ])('asked for as %s, its token is logged for where the connection has led to', async (host, logged) => {
      const urls: unknown[] = []
      const log = (about: object) => void urls.push('url' in about && about.url)
      const logger = { debug: log, info: log, warn: log, error: log }
      const running = await mount(inspector(memoryInbox(), { logger }))
      stop = running.stop
      const { port } = new URL(running.origin)
      const asked = request(`${running.origin}/ops/hookport`, { headers: { host } }).end()
      const [response] = await once(asked, 'response')
      await text(response)
      expect(urls).toEqual([expect.stringContaining(`http://${logged}:${port}/ops/hookport?token=`)])
    })

  if (!name.startsWith('route handlers'))
    test("authorize is handed the framework's own request", async () => {
      const natives: unknown[] = []
      const { base } = await mounted({
        authorize(_request: Request, native: unknown) {
          natives.push(native)
          return true
        },
      })
      await fetch(base)
      expect(natives).toEqual([expect.anything()])
    })
})

test.each(['/api/hookport', '/api/events', '/api', '/assets/hookport', '/ops:hookport'])(
  'mounted at %s, the page is there, with all that it asks for',
  async (path) => {
    const inbox = await keptInbox()
    const running = await listening(
      createServer(express().use(path, inspector(inbox, { authorize: () => true }))),
    )
    stop = running.stop
    const address = `${running.origin}${path}`
    const headers = { 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none' }
    const answer = await fetch(address, { headers })
    expect(answer.headers.get('content-type')).toContain('text/html')
    const files = [...(await answer.text()).matchAll(/(?:src|href)="([^"]+)"/g)]
    expect(files).toHaveLength(3)
    for (const [, file = ''] of files) expect((await fetch(new URL(file, address))).status).toBe(200)
    const events = await fetch(`${address}/api/events?state=dead`)
    expect(await events.json()).toMatchObject({ items: [{ state: 'dead' }, { state: 'dead' }] })
  },
)

test('a handlerTimeout of Fastify does not end live updates', async () => {
  const inbox = await keptInbox()
  const page = inspector(inbox, { authorize: () => true, refreshMs: 100 })
  const running = await fastifyMount(() => fastify({ handlerTimeout: 100 }))(page)
  stop = async () => {
    page.close()
    await running.stop()
  }
  const response = await fetch(`${running.origin}/ops/hookport/api/live`)
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  await sleep(300)
  await inbox.discard('acme:evt_dead_1')
  for (let text = ''; !text.includes('"dead":1'); )
    text += (await reader?.read())?.value ?? expect.fail('live updates have ended')
})

test('over HTTP/2 it is the same, and locked to other hosts', async () => {
  const page = inspector(await keptInbox())
  const app = fastify({ http2: true })
  await app.register(page.fastify, { prefix: '/hookport' })
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  const session = connect(origin)
  stop = async () => {
    session.close()
    await app.close()
  }
  const ask = async (path: string, authority = new URL(origin).host) => {
    const stream = session.request({ ':path': path, ':authority': authority })
    const [head] = await once(stream, 'response')
    await text(stream)
    return head
  }
  expect((await ask('/hookport'))[':status']).toBe(401)
  expect((await ask(`/hookport?token=${page.ticket()}`, 'evil.example'))[':status']).toBe(403)
  const opened = await ask(`/hookport?token=${page.ticket()}`)
  expect(opened[':status']).toBe(200)
  expect(opened['set-cookie']?.[0]).toContain(`hookport-session-${new URL(origin).port}`)
})

test('who has left while middleware had the request has no stream kept: fifty of them keep nobody out', async () => {
  const page = inspector(await keptInbox(), { authorize: () => true })
  let given = 0
  const { origin, stop: end } = await listening(
    createServer(async (asked, response) => {
      if (asked.headers['x-leaves']) {
        setImmediate(() => asked.socket.destroy())
        await once(response, 'close')
      }
      given += 1
      await page(asked, response)
    }),
  )
  stop = async () => {
    page.close()
    await end()
  }
  const path = `${origin}/hookport/api/live`
  for (let left = 1; left <= 50; left++) {
    await fetch(path, { headers: { 'x-leaves': 'yes' } }).catch(() => {})
    await expect.poll(() => given).toBe(left)
  }
  const response = await fetch(path)
  expect(response.status).toBe(200)
  await response.body?.cancel()
})

test('Hono on Node says where a request comes from', async () => {
  const page = inspector(await keptInbox())
  const app = new Hono<{ Bindings: HttpBindings }>().all('/hookport', (context) => {
    Object.defineProperty(context.env.incoming.socket, 'remoteAddress', { value: '203.0.113.9' })
    return page.fetch(context.req.raw, context)
  })
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await once(server, 'listening')
  const running = runningServer(server as ReturnType<typeof createServer>, async () => {})
  stop = running.stop
  expect((await fetch(`${running.origin}/hookport?token=${page.ticket()}`)).status).toBe(403)
})

test('a request from another machine is refused, whatever host it names', async () => {
  const page = inspector(await keptInbox())
  const server = createServer((request, response) => {
    Object.defineProperty(request.socket, 'remoteAddress', { value: '203.0.113.9' })
    void page(request, response)
  })
  const running = await listening(server)
  stop = running.stop
  const response = await fetch(`${running.origin}/?token=${page.ticket()}`)
  expect(response.status).toBe(403)
})

test.each([
  ['a host that is none', { host: 'a b"><' }, 'GET'],
  ['a host with a name before it', { host: '127.0.0.1@evil.example' }, 'GET'],
  ['a method that the Web standard forbids', {}, 'TRACE'],
])('%s is answered 400, and is no error of the application', async (_, headers, method) => {
  const page = inspector(await keptInbox(), { authorize: () => true })
  const errors: unknown[] = []
  const server = createServer((request, response) => {
    void page(request, response, (error) => {
      errors.push(error)
      response.writeHead(500).end()
    })
  })
  const running = await listening(server)
  stop = running.stop
  const { port } = new URL(running.origin)
  const asked = request({ port, host: '127.0.0.1', headers, method }).end()
  const [answer] = await once(asked, 'response')
  answer.resume()
  expect([answer.statusCode, errors]).toEqual([400, []])
  expect((await fetch(running.origin)).status).toBe(200)
})
