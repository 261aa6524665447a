import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FleetOptions } from './fleet.ts'

const root = join(import.meta.dirname, '../../..')

const packed = ['core', 'providers', 'express', 'sqlite', 'bullmq', 'postgres']

/** Packs the packages as they would be published, installs them in a folder of their own, and puts the members there. */
export async function packMembers(): Promise<Pick<FleetOptions, 'program' | 'nodeArguments'>> {
  const program = mkdtempSync(join(tmpdir(), 'hookport-packed-'))
  npm(root, 'run', '--silent', 'build')
  const workspaces = packed.flatMap((name) => ['--workspace', `packages/${name}`])
  const answer = npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', program, ...workspaces)
  const tarballs = (JSON.parse(answer) as { name: string; filename: string }[]).map(({ name, filename }) => [
    name,
    `file:./${filename}`,
  ])
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const dependencies = {
    ...Object.fromEntries(tarballs),
    express: devDependencies.express,
    pg: devDependencies.pg,
  }
  writeFileSync(
    join(program, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies }),
  )
  npm(program, 'install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts')
  cpSync(join(import.meta.dirname, 'member'), join(program, 'member'), { recursive: true })
  return { program, nodeArguments: [] }
}

function npm(folder: string, ...args: string[]): string {
  return execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}
