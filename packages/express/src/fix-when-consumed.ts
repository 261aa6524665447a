/** Which line of the application to change where something reads bodies before the webhook, as far as can be told from here. */
export function fixWhenConsumed(): string {
  if (runsInFunctionsFramework()) {
    return 'the platform leaves the bytes in request.rawBody: hand its request on as it is, or mount the webhook before express.json()'
  }
  const move =
    "mount the webhook before express.json() and other body parsers: move app.use('/webhooks/…', webhooks) above app.use(express.json())"
  return mayBeNest()
    ? `${move}. In Nest, create the application with NestFactory.create(AppModule, { rawBody: true }), which keeps the bytes, or on Fastify register fastifyWebhooks of @hookport/fastify`
    : move
}

/** Google's, which Firebase and Cloud Run functions use. It sets these for the process. */
function runsInFunctionsFramework(): boolean {
  return ['FUNCTION_TARGET', 'FUNCTION_SIGNATURE_TYPE'].some((name) => process.env[name] !== undefined)
}

/** Nest says nothing of itself to a middleware. It can't do without reflect-metadata, but TypeORM, Medusa and others load that too. */
function mayBeNest(): boolean {
  return 'getMetadata' in Reflect
}
