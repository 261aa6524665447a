import { expect, test } from 'vitest'
import { printed, snippetWith } from './snippets.ts'

test('in Hono, the route for a cron drains, as the guide has it', async () => {
  const called = `
    const authorization = 'Bearer ' + process.env.CRON_SECRET
    const answer = await app.request('/cron/webhooks', { method: 'POST', headers: { authorization } })
    console.log(answer.status, await answer.text())
    await receiver.stop()`
  const env = { SEMATRYX_WEBHOOK_SECRET: 'whsec-0123456789abcdefgh', CRON_SECRET: 'of-the-cron' }
  const output = await printed(snippetWith('serverless.md', "from 'hono'") + called, { env })
  expect(output).toMatch(/^200 \{"handled":0,.*"more":false\}$/m)
})
