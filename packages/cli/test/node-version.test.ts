import { expect, test } from 'vitest'
import { complaintOfNode } from '../src/complaint-of-node.ts'

test.each(['18.20.8', '20.20.2', '22.11.0', '22.12.0'])(
  'Node %s is told in one sentence that it is too old',
  (version) => {
    const complaint = complaintOfNode(version)
    expect(complaint).toContain(`this is Node ${version}, but 22.13 or later is needed`)
    expect(complaint).not.toContain('\n')
  },
)

test.each(['22.13.0', '22.21.1', '24.0.0', '26.9.0'])('Node %s will do', (version) => {
  expect(complaintOfNode(version)).toBeUndefined()
})
