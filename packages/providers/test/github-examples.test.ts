import { createReceiver } from '@hookport/core'
import { github } from '@hookport/providers/github'
import { feedReceiver, received } from '@hookport/testkit/receivers/feed-receiver'
import definitions from '@octokit/webhooks-examples' with { type: 'json' }
import { sign } from '@octokit/webhooks-methods'
import { describe, expect, test } from 'vitest'

const secret = "It's a Secret to Everybody"

interface Definition {
  name: string
  examples: unknown[]
}
const events = (definitions as unknown as Definition[]).filter(({ examples }) => examples.length > 0)

const forms = {
  JSON: (payload: unknown) => JSON.stringify(payload),
  'a form': (payload: unknown) => new URLSearchParams({ payload: JSON.stringify(payload) }).toString(),
}

test('there are hundreds of examples', () => {
  expect(events.flatMap(({ examples }) => examples).length).toBeGreaterThan(300)
})

describe.each(Object.entries(forms))('as %s', (_, write) => {
  test.each(events)(
    'every example of $name that GitHub publishes is handled under that name',
    async ({ name, examples }) => {
      const { deliver, handled } = feedReceiver(createReceiver({ provider: github({ secret }) }))
      const texts = [...new Set(examples.map(write))]
      for (const text of texts) {
        const headers = { 'x-github-event': name, 'x-hub-signature-256': await sign(secret, text) }
        expect(await deliver({ method: 'POST', headers, body: Buffer.from(text) })).toEqual(received)
      }
      expect(handled.map(({ type }) => type)).toEqual(texts.map(() => name))
      const sent = texts.map((text) => JSON.parse(new URLSearchParams(text).get('payload') ?? text))
      expect(handled.map(({ data }) => data)).toEqual(sent)
    },
  )
})

/** Any event may have them: https://docs.github.com/webhooks/webhook-events-and-payloads#webhook-payload-object-common-properties */
const common = { sender: {}, repository: {}, organization: {}, enterprise: {}, installation: { id: 1 } }

test.each(events)(
  'every example of $name is handled under that name with the fields that GitHub documents for any event',
  async ({ name, examples }) => {
    const { deliver, handled } = feedReceiver(createReceiver({ provider: github({ secret }) }))
    const texts = new Set(examples.map((example) => JSON.stringify({ ...common, ...Object(example) })))
    for (const text of texts) {
      const headers = { 'x-github-event': name, 'x-hub-signature-256': await sign(secret, text) }
      await deliver({ method: 'POST', headers, body: Buffer.from(text) })
    }
    expect(handled.map(({ type }) => type)).toEqual([...texts].map(() => name))
  },
)

const recognised = [
  'check_run',
  'check_suite',
  'create',
  'delete',
  'deployment',
  'deployment_status',
  'discussion',
  'fork',
  'installation',
  'issue_comment',
  'issues',
  'label',
  'ping',
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
  'push',
  'release',
  'status',
  'workflow_job',
  'workflow_run',
]

test.each(recognised)(
  'an example of any other event that a replay names %s reaches no handler',
  async (name) => {
    const { deliver, handled } = feedReceiver(createReceiver({ provider: github({ secret }) }))
    const examples = events.filter((event) => event.name !== name).flatMap(({ examples }) => examples)
    for (const text of new Set(examples.map((example) => JSON.stringify(example)))) {
      const headers = { 'x-github-event': name, 'x-hub-signature-256': await sign(secret, text) }
      expect(await deliver({ method: 'POST', headers, body: Buffer.from(text) })).toMatchObject(received)
    }
    expect(handled).toEqual([])
  },
)
