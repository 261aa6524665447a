import { inboxFromEnv } from '@hookport/example-inbox'
import { createApp } from './app.ts'
import { stderrLogger } from './stderr-logger.ts'

const { app, sematryx, jaot } = createApp({ inbox: inboxFromEnv(), logger: stderrLogger })
const server = app.listen(Number(process.env.PORT ?? 3000))

process.once('SIGTERM', drain).once('SIGINT', drain)

/** Takes no more requests, finishes those under way, then handles what is due. */
function drain(): void {
  const stop = () => void Promise.all([sematryx.stop(), jaot.stop()])
  server.close(stop)
  setTimeout(() => {
    server.closeAllConnections() // those that a client or a proxy keeps busy
    stop() // a server with an open WebSocket never closes
  }, 4_000).unref()
}
