import type { SendProbe } from '@hookport/core'
import { throughApp as throughListener } from '@hookport/core/node'
import type { FastifyInstance } from 'fastify'

/**
 * Sends self-test probes through the whole application, over a real socket, whether or not it listens already: `await
 * app.sematryxWebhooks.selfTest(throughApp(app, '/webhooks/sematryx'))`.
 */
export function throughApp(app: Pick<FastifyInstance, 'ready' | 'routing'>, path: string): SendProbe {
  const send = throughListener((request, response) => app.routing(request, response), path)
  return async (probe) => {
    await app.ready()
    return send(probe)
  }
}
