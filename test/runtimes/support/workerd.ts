import type { Running } from '@hookport/testkit/http/serving'
import { Miniflare } from 'miniflare'
import { bundled } from './bundle.ts'

/** @param flags such as `nodejs_compat`. */
export async function startWorker(app: string, flags: string[] = []): Promise<Running> {
  const contents = await bundled(app)
  const worker = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.js', contents }],
    compatibilityDate: '2026-04-01',
    compatibilityFlags: flags,
    host: '127.0.0.1',
    port: 0,
    cf: false,
  })
  const { origin } = await worker.ready
  return { origin, stop: () => worker.dispose() }
}
