import { webWebhooks } from '@hookport/core/web'
import { sematryxReceiver } from '@hookport/providers/sematryx'

const log: string[] = []
const note = (_: object, message: string) => void log.push(message)

const webhooks = webWebhooks(
  sematryxReceiver({
    secret: 'your-webhook-secret',
    handlerTimeout: 800,
    logger: { debug() {}, info() {}, warn: note, error: note },
    observers: {
      failed: ({ id, failures }) => void log.push(`${id} failed: ${failures[0]?.code}`),
      handled: ({ id }) => void log.push(`${id} handled`),
    },
  }),
)

/** Its id says what becomes of an event: one that hangs ends when its signal is aborted, one that takes time does not heed it. */
webhooks.onAnyEvent(async ({ id }, { signal }) => {
  const startedAt = Date.now()
  if (id.startsWith('evt_hangs')) {
    await new Promise((_, reject) =>
      signal.addEventListener('abort', () => {
        log.push(`${id} aborted after ${Date.now() - startedAt} ms`)
        reject(signal.reason)
      }),
    )
  }
  if (id.startsWith('evt_takes_time')) await new Promise((resolve) => setTimeout(resolve, 300))
})

/** `/kept-alive` hands the platform's context over, `/left-alone` does not. */
export default {
  async fetch(request: Request, env: unknown, context: unknown): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (pathname === '/log') return Response.json(log)
    return pathname === '/kept-alive' ? webhooks.fetch(request, env, context) : webhooks(request)
  },
}
