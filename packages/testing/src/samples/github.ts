import type { JsonObject } from '@hookport/core'
import { type Draft, numberOf, type Sampler } from './draft.ts'

const person = { login: 'octocat', id: 583_231, type: 'User' }
const repository = {
  id: 1_296_269,
  name: 'Hello-World',
  full_name: 'octocat/Hello-World',
  private: false,
  owner: person,
  html_url: 'https://github.com/octocat/Hello-World',
  default_branch: 'main',
}
/** An installation is of an account, and has no repository. */
const about = ({ id, type }: Draft) => ({
  ...(type !== 'installation' && { repository }),
  sender: { ...person, node_id: id },
})
const time = ({ at }: Draft) => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z')
const sha = ({ id }: Draft) => Buffer.from(id.padEnd(20, '0')).toString('hex').slice(0, 40)

function issue(draft: Draft) {
  return {
    id: numberOf(draft.id),
    number: 7,
    title: 'It rains',
    state: 'open',
    user: person,
    created_at: time(draft),
  }
}

function pullRequest(draft: Draft) {
  return {
    ...issue(draft),
    title: 'Close the window',
    merged: false,
    head: { ref: 'window', sha: sha(draft) },
    base: { ref: 'main' },
  }
}

const named = (draft: Draft) => ({ id: numberOf(draft.id), created_at: time(draft) })
const commentOn = (thing: (draft: Draft) => object, name: string) => (draft: Draft) => ({
  action: 'created',
  [name]: thing(draft),
  comment: { id: numberOf(draft.id), body: 'Indeed', user: person, created_at: time(draft) },
})

const payloads: Readonly<Record<string, (draft: Draft) => object>> = {
  push: (draft) => ({
    ref: 'refs/heads/main',
    before: '0'.repeat(40),
    after: sha(draft),
    commits: [
      { id: sha(draft), message: 'Close the window', timestamp: time(draft), author: { name: 'Octo Cat' } },
    ],
    pusher: { name: 'octocat' },
  }),
  pull_request: (draft) => ({ action: 'opened', number: 7, pull_request: pullRequest(draft) }),
  issues: (draft) => ({ action: 'opened', issue: issue(draft) }),
  issue_comment: commentOn(issue, 'issue'),
  pull_request_review: (draft) => ({
    action: 'submitted',
    pull_request: pullRequest(draft),
    review: { ...named(draft), state: 'approved' },
  }),
  pull_request_review_comment: commentOn(pullRequest, 'pull_request'),
  release: (draft) => ({ action: 'published', release: { ...named(draft), tag_name: 'v1.0.0' } }),
  workflow_run: (draft) => ({
    action: 'completed',
    workflow_run: { ...named(draft), conclusion: 'success' },
  }),
  workflow_job: (draft) => ({
    action: 'completed',
    workflow_job: { ...named(draft), conclusion: 'success' },
  }),
  check_run: (draft) => ({ action: 'completed', check_run: { ...named(draft), conclusion: 'success' } }),
  check_suite: (draft) => ({ action: 'completed', check_suite: { ...named(draft), conclusion: 'success' } }),
  create: () => ({ ref: 'window', ref_type: 'branch', master_branch: 'main' }),
  delete: () => ({ ref: 'window', ref_type: 'branch' }),
  deployment: (draft) => ({ action: 'created', deployment: named(draft) }),
  deployment_status: (draft) => ({
    action: 'created',
    deployment_status: { ...named(draft), state: 'success' },
  }),
  discussion: (draft) => ({ action: 'created', discussion: { ...named(draft), title: 'Windows' } }),
  fork: (draft) => ({ forkee: named(draft) }),
  installation: (draft) => ({
    action: 'created',
    installation: { ...named(draft), app_id: 29_310, account: person },
  }),
  label: (draft) => ({ action: 'created', label: { ...named(draft), name: 'wet' } }),
  ping: (draft) => ({ zen: 'Keep it logically awesome.', hook_id: numberOf(draft.id) }),
  status: (draft) => ({ sha: sha(draft), state: 'success', context: 'ci' }),
}

export const github: Sampler = {
  types: Object.keys(payloads),
  sample: (draft) => ({
    data: { ...payloads[draft.type]?.(draft), ...about(draft) },
    envelope: (data) => data as JsonObject,
    headers: { 'x-github-event': draft.type, 'x-github-delivery': draft.id },
  }),
}
