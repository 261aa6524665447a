import { fastifyWebhooks } from '@hookport/fastify'
import fastify from 'fastify'
import { benchmarkReceiver } from './hookport.ts'
import { announce } from './serve.ts'

const app = fastify({ bodyLimit: 2 * 1024 * 1024 })
await app.register(fastifyWebhooks(benchmarkReceiver()), { path: '/webhook' })
await app.ready()
announce(app.server)
