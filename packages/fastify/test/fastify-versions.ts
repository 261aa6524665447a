import { fastify } from 'fastify'
import { fastify as fastify4 } from 'fastify4'

/** The versions of Fastify that `@hookport/fastify` is for. */
export const fastifyVersions = [
  { version: 'Fastify 5', fastify },
  { version: 'Fastify 4', fastify: fastify4 as unknown as typeof fastify },
]
