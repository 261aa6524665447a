import { nodeWebhooks } from '@hookport/core/node'
import { benchmarkReceiver } from './hookport.ts'
import { serve } from './serve.ts'

serve(nodeWebhooks(benchmarkReceiver()))
