import { probeResponse } from '@hookport/conformance'

export function GET(request: Request): Response {
  const id = new URL(request.url).searchParams.get('id')
  return new Response(probeResponse(id), { headers: { 'Content-Type': 'application/json' } })
}
