import { expect, test } from 'vitest'
import { printed, snippetWith } from './snippets.ts'

/** The guide's own source, in front of an API that answers so. */
const asked = (answer: string) => `
${snippetWith('nothing-missed.md', 'defineSource({')}
globalThis.fetch = async () => ${answer}
const asking = { signal: new AbortController().signal, onRateLimit() {} }
const at = { itemsBefore: 0, pagesBefore: 0 }
const questions = [orders.find('', 'o1', asking), orders.readPage('', at, asking)]
console.log((await Promise.allSettled(questions)).map(({ status }) => status).join())
`
const env = { ACME_SECRET: 'a secret of the sender' }

test('the source of the guide takes an API that is down for no answer, and not for a thing that nobody knows', async () => {
  expect(await printed(asked('Response.json([], { status: 503 })'), { env })).toBe('rejected,rejected\n')
  expect(await printed(asked('Response.json([], { status: 401 })'), { env })).toBe('rejected,rejected\n')
})

test('and knows that there is no such thing where the API says so', async () => {
  const found = `${asked('new Response(null, { status: 404 })')}console.log(await orders.find('', 'o1', asking))`
  expect(await printed(found, { env })).toBe('fulfilled,rejected\nundefined\n')
})
