import { webWebhooks } from '@hookport/core/web'
import { expect, test } from 'vitest'
import { sign } from '../support/acme.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'

test('a body of the Web that somebody else holds a reader of is misconfigured, and not tried again for ever', async () => {
  const { receiver, log } = acmeReceiver()
  const headers = { 'x-acme-signature': sign('{}') }
  const request = new Request('http://acme.example/hooks', { method: 'POST', body: '{}', headers })
  request.body?.getReader()
  const response = await webWebhooks(receiver)(request)
  expect([response.status, await response.json()]).toEqual([500, { error: 'misconfigured' }])
  expect(log.text()).toContain('before anything reads its body')
})
