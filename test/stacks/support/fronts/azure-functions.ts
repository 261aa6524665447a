import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { registerHooks } from 'node:module'
import { type FrontReply, serveFront } from './serve-front.ts'

// As in the worker: the library is given what it asks for by this name, which no package has.
const worker = new URL('./azure-worker.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@azure/functions-core' ? { url: worker, shortCircuit: true } : next(specifier, context),
})

/** Calls functions as Azure's worker does, which gets each request whole from the host, and no more than 100 MB. */
export async function serve(): Promise<string> {
  const { registered, model } = await import('./azure-worker.ts')
  if (!model) throw new Error('nothing has been registered')
  const functions = registered.splice(0)
  const routed = (route: string, method = '') =>
    functions.find(({ metadata: { name, bindings } }) =>
      Object.values(bindings).some(
        (binding) =>
          binding.type === 'httpTrigger' &&
          (binding.route ?? name) === route &&
          binding.methods?.includes(method),
      ),
    )
  return serveFront(100 * 1024 * 1024, async (request, body) => {
    const found = routed((request.url ?? '').split('?')[0]?.slice(1) ?? '', request.method)
    if (!found) return { status: 404, body: Buffer.from('') }
    const { metadata, handler } = found
    const invocationId = randomUUID()
    const [name = ''] = Object.keys(metadata.bindings)
    const invocation = model.getInvocationModel({
      invocationId,
      metadata,
      request: { inputData: [{ name, data: { http: rpcOf(request, body) } }], triggerMetadata: {} },
      log() {},
    })
    const { context, inputs } = await invocation.getArguments()
    const result = await invocation.invokeFunction(context, inputs, handler)
    return replyOf(await invocation.getResponse(context, result))
  })
}

function rpcOf({ method = '', url = '', headers }: IncomingMessage, bytes: Buffer): object {
  return {
    method,
    url: `https://example.azurewebsites.net${url}`,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    ...(bytes.length > 0 && { body: { bytes } }),
  }
}

function replyOf({ returnValue }: { returnValue?: unknown }): FrontReply {
  const { http } = returnValue as {
    http: {
      statusCode: string
      headers: Record<string, string>
      body: { bytes?: Uint8Array; string?: string }
    }
  }
  const { bytes, string = '' } = http.body ?? {}
  return { status: Number(http.statusCode), headers: http.headers, body: bytes ?? Buffer.from(string) }
}
