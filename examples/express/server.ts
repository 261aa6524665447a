import { inboxFromEnv } from '@hookport/example-inbox'
import { createApp } from './app.ts'
import { stderrLogger } from './stderr-logger.ts'

const { app, sematryx, jaot } = createApp({ inbox: inboxFromEnv(), logger: stderrLogger })
const server = app.listen(Number(process.env.PORT ?? 3000))

process.once('SIGTERM', drain).once('SIGINT', drain)

/** Takes no more requests, finishes those under way, then handles what is due. */
function drain(): void {
  server.close(async () => {
    await Promise.all([sematryx.stop(), jaot.stop()])
  })
  setTimeout(() => server.closeAllConnections(), 4_000).unref() // those that a client or a proxy keeps busy
}
