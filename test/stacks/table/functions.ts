import { instead, type Stack } from '../stack.ts'

/** Functions of Google and Azure. */
export const functionStacks: readonly Stack[] = [
  {
    name: 'Google, functions-framework',
    page: 'google-functions',
    front: 'functions-framework',
    packages: ['@google-cloud/functions-framework'],
    keepBody: (snippet) => snippet, // the framework does
    takeBody: instead(
      "http('sematryx'",
      "http('sematryx', (request, response) => webhooks(Object.assign(request, { rawBody: undefined }), response))",
    ),
    fix: /the platform leaves the bytes in request\.rawBody: hand its request on as it is/,
    patch: instead(
      "http('sematryx'",
      "http('sematryx', (request, response) => { patchResponse(response); return webhooks(request, response) })",
    ),
    without: { 'other routes': 'a function has its own URL, and there are no other routes' },
  },
  {
    name: 'Azure Functions',
    page: 'azure-functions',
    front: 'azure-functions',
    packages: ['@azure/functions'],
    without: {
      'body kept': 'the library always passes the whole body',
      'body taken': 'the library throws if a body is read twice, before hookport is called',
      'patched response': 'the reply is a return value: there is no response to patch',
    },
  },
]
