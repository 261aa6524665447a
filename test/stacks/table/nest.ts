import { above, instead, type Stack } from '../stack.ts'
import { expressChanges, fastifyChanges } from './changes.ts'

/** Decorators are called, as Node runs no TypeScript that has to be transformed. */
const files = {
  'app.module.ts': `
import { Body, Controller, HttpCode, Module, Post } from '@nestjs/common'

class Orders {
  order(body: unknown) {
    return { ordered: body }
  }
}
const order = Object.getOwnPropertyDescriptor(Orders.prototype, 'order') as TypedPropertyDescriptor<unknown>
Post()(Orders.prototype, 'order', order)
HttpCode(200)(Orders.prototype, 'order', order)
Body()(Orders.prototype, 'order', 0)
Controller('orders')(Orders)

export class AppModule {}
Module({ controllers: [Orders] })(AppModule)
`,
}

export const nestStacks: readonly Stack[] = [
  {
    name: 'Nest on Express',
    page: 'nest',
    packages: ['@nestjs/core', '@nestjs/platform-express'],
    files,
    keepBody: instead(
      'const app = await',
      'const app = await NestFactory.create(AppModule, { rawBody: true })',
      "app.useBodyParser('json')",
    ),
    takeBody: above("app.use('/webhooks", "app.useBodyParser('json')"),
    fix: /NestFactory\.create\(AppModule, \{ rawBody: true \}\)/,
    patch: expressChanges().patch,
  },
  {
    name: 'Nest on Fastify',
    page: 'nest',
    snippet: 2,
    packages: ['@nestjs/core', '@nestjs/platform-fastify'],
    files,
    ...fastifyChanges('await app.register', 'app.getHttpAdapter().getInstance()'),
    keepBody: instead(
      'const app = await',
      'const app = await NestFactory.create(AppModule, new FastifyAdapter(), { rawBody: true })',
      "app.useBodyParser('application/json')",
    ),
  },
]
