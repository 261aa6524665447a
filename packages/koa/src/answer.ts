import type { Receiver, Reply } from '@hookport/core'
import { endWritten, headersOf, letServerClose } from '@hookport/core/node'
import type { Context } from 'koa'

/**
 * Answers once the reply is there. Koa answers when the middleware above has ended, though it may not have waited for those below. That would acknowledge what
 * is not verified and held, so Koa is kept from it.
 */
export async function answer(
  context: Context,
  replying: Promise<Reply>,
  about: Pick<Receiver, 'logger' | 'provider'>,
): Promise<void> {
  const release = holdAnswer(context)
  const reply = await replying
  const isLeftToUs = release()
  if (endWritten(context.res, reply, about)) return
  try {
    write(context, reply)
    if (isLeftToUs) await context.res.end(reply.body) // a patched one may return a promise
  } catch (error) {
    if (!isLeftToUs) throw error
    context.onerror(error as Error)
  }
}

function write(context: Context, reply: Reply): void {
  letServerClose(context.res)
  context.status = reply.status
  context.set(headersOf(reply, context.res))
  context.body = reply.body
  if (reply.body === '') context.remove('content-type') // Koa calls it text
}

/**
 * Koa reads `respond` just before it answers: false means that it does not. A refusal by a middleware is let through, and one that sets false itself answers by
 * itself.
 *
 * @returns a function that ends this. It returns whether Koa would have answered, and does no more.
 */
function holdAnswer(context: Context): () => boolean {
  let { respond } = context
  let isHeld = true
  let hasAsked = false
  Object.defineProperty(context, 'respond', {
    configurable: true,
    get() {
      if (!isHeld || respond === false || isRefused(context)) return respond
      hasAsked = true
      return false
    },
    set(value) {
      respond = value
    },
  })
  return () => {
    isHeld = false
    return hasAsked
  }
}

/** 404 without a body is what Koa begins with. */
function isRefused({ status, body }: Context): boolean {
  return status >= 400 && (status !== 404 || Boolean(body))
}
