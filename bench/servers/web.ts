import { getRequestListener } from '@hono/node-server'
import { webWebhooks } from '@hookport/core/web'
import { benchmarkReceiver } from './hookport.ts'
import { serve } from './serve.ts'

serve(getRequestListener(webWebhooks(benchmarkReceiver())))
