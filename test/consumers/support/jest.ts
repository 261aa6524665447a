import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const jest = join(import.meta.dirname, '../../../node_modules/jest/bin/jest.js')

/** Runs one test file of an application as the documentation of Jest says for modules, and answers what Jest prints. */
export async function runJest(application: string, file: string): Promise<string> {
  const config = JSON.stringify({ rootDir: application, transform: {}, testMatch: [`**/${file}`] })
  const { stdout, stderr } = await run(
    process.execPath,
    ['--experimental-vm-modules', '--no-warnings', jest, '--config', config, '--ci', '--no-cache'],
    { cwd: application, env: { ...process.env, VITEST: undefined, NODE_OPTIONS: '' } },
  )
  return stdout + stderr
}
