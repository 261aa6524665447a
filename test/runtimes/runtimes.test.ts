import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { httpProbe } from '@hookport/conformance'
import { targetAt, withoutNode } from '@hookport/testkit/audits/audited-receivers'
import { describeAudits } from '@hookport/testkit/audits/describe-audits'
import { type Running, serving } from '@hookport/testkit/http/serving'
import { signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundled } from './support/bundle.ts'
import { programOf, type Runtime, runtimes } from './support/programs.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hookport-runtimes-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Other runtimes take some 100 MB each to fetch; and the audits are run on the Node of the tests for every adapter. */
const everything = process.env.TEST_ALL !== undefined
const tried = everything ? runtimes : runtimes.filter((runtime) => runtime.package === undefined)

/** What the platforms decide themselves. */
const skips: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Deno: { H806: 'Deno.serve keeps a connection, whatever the reply says' },
}

for (const runtime of tried) {
  const label = `${runtime.name} ${runtime.version}`
  const program = await programOf(runtime)
  describe.skipIf(program === undefined)(label, () => {
    if (everything) describeAuditsOn(runtime, program as string)

    test.runIf(runtime.hasSqlite)(
      'an event in a SQLite inbox is taken on once, and handled until it succeeds',
      async () => {
        const script = await written('kept-in-sqlite.ts', `${label}.mjs`)
        const delivery = signedSematryx({ id: 'evt_kept', created_at: new Date().toISOString() })
        const args = [
          ...runtime.args,
          script,
          join(folder, `${label}.db`),
          JSON.stringify({ ...delivery, body: delivery.body.toString() }),
        ]
        const { stdout } = await promisify(execFile)(program as string, args)
        expect(JSON.parse(stdout)).toEqual({ replies: [200, 200], attempts: [1, 2] })
      },
    )

    test.runIf(runtime.hasSqlite)(
      'an effect of once on node:sqlite that fails is rolled back, and takes place once when it is tried again',
      async () => {
        const script = await written('effect-once.ts', `once-${label}.mjs`)
        const delivery = signedSematryx({ id: 'evt_once', created_at: new Date().toISOString() })
        const args = [
          ...runtime.args,
          script,
          JSON.stringify({ ...delivery, body: delivery.body.toString() }),
        ]
        const { stdout } = await promisify(execFile)(program as string, args)
        expect(JSON.parse(stdout)).toEqual({ attempts: [1, 2], effects: ['evt_once'] })
      },
    )
  })
}

function describeAuditsOn(runtime: Runtime, program: string): void {
  const running = serving(() => start(runtime, program), 60_000)
  const probe = () => httpProbe(`${running.origin}/probe`)
  describeAudits('audits', () => withoutNode(targetAt(running.origin, probe())), skips[runtime.name] ?? {})
}

async function start(runtime: Runtime, program: string): Promise<Running> {
  const script = await written('served-app.ts', `served-${runtime.name}-${runtime.version}.mjs`)
  const server = spawn(program, [...runtime.args, script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [origin] = (await once(createInterface(server.stdout), 'line')) as [string]
  return {
    origin,
    async stop() {
      server.kill()
      await once(server, 'exit')
    },
  }
}

/** A program as one file of JavaScript, as who uses what is published would have it. */
async function written(app: string, name: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, await bundled(app, ['node']))
  return path
}
