import { httpProbe } from '@hookport/conformance'
import { targetAt, withoutNode } from '@hookport/testkit/audited-receivers'
import { describeAudits } from '@hookport/testkit/describe-audits'
import { serving } from '@hookport/testkit/serving'
import { describeSamples } from './support/describe-samples.ts'
import { startNext } from './support/next-server.ts'

const app = serving(startNext, 120_000)
const routers = { 'Next, App Router': '/app-router', 'Next, Pages Router': '/api/pages-router' }

for (const [name, path] of Object.entries(routers)) {
  const origin = () => app.origin + path
  const probe = () => httpProbe(`${app.origin}/probe`)
  const target = () => targetAt(origin(), probe())
  describeAudits(name, () => (name === 'Next, App Router' ? withoutNode(target()) : target()))
  describeSamples(name, origin, probe)
}
