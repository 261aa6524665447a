import { instead, type Stack } from '../stack.ts'

const ownRoute = 'each file is its own route'

/** Run by `test/conformance/next.test.ts`, in the application that is built there. */
export const nextAppRouter: Stack = {
  name: 'Next, App Router',
  page: 'next',
  packages: ['next'],
  takeBody: instead(
    'export const { POST',
    'export async function POST(request: Request) { await request.text(); return webhooks.POST(request) }',
  ),
  without: {
    'other routes': ownRoute,
    'body kept': 'code that reads a Web standard request keeps nothing of its body',
    'patched response':
      'with requests of the Web standard the reply is a return value: there is no response to patch',
  },
}

export const nextPagesRouter: Stack = {
  name: 'Next, Pages Router',
  page: 'next',
  snippet: 2,
  packages: ['next'],
  keepBody: instead(
    'export default',
    'export default async function handler(request: any, response: any) {',
    '  request.rawBody = Buffer.concat(await request.toArray())',
    '  await webhooks(request, response)',
    '}',
  ),
  takeBody: instead('export const config', ''),
  fix: /export const config = \{ api: \{ bodyParser: false \} \}/,
  patch: instead(
    'export default',
    'export default async function handler(request: any, response: any) {',
    '  patchResponse(response)',
    '  await webhooks(request, response)',
    '}',
  ),
  without: { 'other routes': ownRoute },
}
