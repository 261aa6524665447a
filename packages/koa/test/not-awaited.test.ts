import { setTimeout } from 'node:timers/promises'
import { koaWebhooks } from '@hookport/koa'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { postDelivery, serveApp } from '@hookport/testkit/http/serve-and-post'
import { sematryxOptions, signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import Koa, { type Context, type Middleware } from 'koa'
// @ts-expect-error: the version before has no types
import Koa2 from 'koa2'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

const received = { status: 200, body: '{"received":true}' }
const forged = { ...signedSematryx(), body: Buffer.from('{}') }
const cron = { method: 'POST' as const, headers: { authorization: 'Bearer guess' }, body: Buffer.from('') }

/** Middleware that do not wait for what is below them, so that Koa answers at once. */
const above: Readonly<Record<string, Middleware>> = {
  'is not async': (_context, next) => void next(),
  'is async, and leaves out what is below': async (_context, next) => void next(),
  'has a body of its own': (context, next) => {
    context.body = 'ok'
    void next()
  },
  'answers something else': async (context, next) => {
    void next()
    context.body = { ok: true }
  },
}

describe.each([
  ['Koa 3', Koa],
  ['Koa 2', Koa2 as typeof Koa],
])('%s', (_, Application) => {
  async function serve(...middleware: Middleware[]) {
    const receiver = sematryxReceiver({ ...sematryxOptions, logger: false })
    onTestFinished(() => receiver.stop())
    const webhooks = koaWebhooks(receiver, { path: '/hook' })
    const drain = webhooks.drain({ secret: 'cron-secret' })
    const app = new Application()
    app.silent = true
    for (const each of middleware) app.use(each)
    app.use(async (context, next) => (context.path === '/cron' ? drain(context) : next()))
    app.use(webhooks)
    const url = await serveApp(app.callback())
    return { app, url, receiver }
  }

  test.each(Object.entries(above))(
    'nothing is answered before a delivery is verified and held, below a middleware that %s',
    async (_, middleware) => {
      const { url } = await serve(middleware)
      expect(await postDelivery(`${url}/hook`, signedSematryx())).toMatchObject(received)
      expect(await postDelivery(`${url}/hook`, forged)).toMatchObject({
        status: 401,
        body: '{"error":"invalid_signature"}',
      })
      expect(await postDelivery(`${url}/cron`, cron)).toMatchObject({
        status: 401,
        body: '{"error":"unauthorized"}',
      })
    },
  )

  test('a middleware that does not wait may still refuse a delivery', async () => {
    const { url, receiver } = await serve(async (context, next) => {
      void next()
      context.status = 503
    })
    const receive = receiver.receive.bind(receiver)
    receiver.receive = async (delivery) => {
      await setTimeout(20)
      return receive(delivery)
    }
    expect(await postDelivery(`${url}/hook`, signedSematryx())).toMatchObject({ status: 503 })
  })

  test('a middleware that has Koa not answer may write what the webhook has answered by itself', async () => {
    const { url } = await serve(async (context, next) => {
      context.respond = false
      await next()
      context.res.statusCode = context.status
      context.res.setHeader('x-written-by', 'itself')
      context.res.end(context.body)
    })
    const answered = await postDelivery(`${url}/hook`, signedSematryx())
    expect(answered).toMatchObject(received)
    expect(answered.headers.get('x-written-by')).toBe('itself')
  })

  test('what a middleware sets while the answer is awaited stands after it', async () => {
    let set: Context | undefined
    const { url } = await serve(async (context, next) => {
      const waiting = next()
      context.respond = true
      await waiting
      set = context
    })
    expect(await postDelivery(`${url}/hook`, signedSematryx())).toMatchObject(received)
    expect(set).toMatchObject({ respond: true, status: 200, body: received.body })
  })

  test.each<[string, (error: Error) => unknown]>([
    ['at once', raise],
    ['later', (error) => Promise.reject(error)],
  ])('if the answer can not be written where nobody waits for it, Koa is told: %s', async (_, fail) => {
    const { app, url } = await serve((context, next) => {
      const { end } = context.res
      vi.spyOn(context.res, 'end').mockImplementationOnce(() => {
        context.res.end = end
        return fail(new Error('a patched response')) as never
      })
      void next()
    })
    const told = vi.fn()
    app.on('error', told)
    expect(await postDelivery(`${url}/hook`, signedSematryx())).toMatchObject({ status: 500 })
    expect(told).toHaveBeenCalledWith(
      expect.objectContaining({ message: 'a patched response' }),
      expect.anything(),
    )
  })
})

function raise(error: Error): never {
  throw error
}
