/** Which line of the application to change where something reads bodies before the webhook, as far as can be told from here. */
export function fixWhenConsumed(): string {
  if (runsInFunctionsFramework()) {
    return 'the platform leaves the bytes in request.rawBody: hand its request on as it is, or mount the webhook before express.json()'
  }
  if (isNest()) {
    return 'create the application with NestFactory.create(AppModule, { rawBody: true }), which keeps the bytes, or on Fastify register fastifyWebhooks of @hookport/fastify; without Nest, mount the webhook before express.json()'
  }
  return "mount the webhook before express.json() and other body parsers: move app.use('/webhooks/…', webhooks) above app.use(express.json())"
}

/** Google's, which Firebase and Cloud Run functions use. It sets these for the process. */
function runsInFunctionsFramework(): boolean {
  return ['FUNCTION_TARGET', 'FUNCTION_SIGNATURE_TYPE'].some((name) => process.env[name] !== undefined)
}

/** Nest says nothing of itself to a middleware, but it can't do without reflect-metadata, which little else beside it uses. */
function isNest(): boolean {
  return 'getMetadata' in Reflect
}
