import { execFile } from 'node:child_process'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')

/** The compilers that are supported, the oldest first. */
const compilers = {
  '5.7': 'test/consumers/compilers/typescript-5.7/node_modules/typescript',
  '5.9': 'test/consumers/compilers/typescript-5.9/node_modules/typescript',
  '7': 'node_modules/typescript',
} as const

export type Compiler = keyof typeof compilers
export type ModuleKind = 'node16' | 'node20' | 'nodenext' | 'bundler'

/** What an application sees by their declarations alone, each in a project of its own. */
const seen = ['webhooks', 'vendors'] as const

/** Answers what the compiler complains of: an application, what it sees of other projects, and libraries checked. */
export async function compile(folder: string, compiler: Compiler, kind: ModuleKind): Promise<string> {
  const project = join(folder, `typescript-${compiler}-${kind}`)
  const sources = join(import.meta.dirname, '../sources')
  await mkdir(join(project, 'app'), { recursive: true })
  await cp(join(sources, 'importer.ts'), join(project, 'app/importer.ts'))
  const module = kind === 'bundler' ? { module: 'esnext', moduleResolution: 'bundler' } : { module: kind }
  const compilerOptions = {
    ...module,
    target: 'es2022',
    strict: true,
    composite: true,
    declaration: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    types: ['node'],
    outDir: '../dist',
    rootDir: '..',
  }
  const write = (path: string, content: object) => writeFile(join(project, path), JSON.stringify(content))
  for (const name of seen) {
    await cp(join(sources, `${name}.ts`), join(project, name, `${name}.ts`))
    await write(`${name}/tsconfig.json`, { compilerOptions, include: ['*.ts'] })
  }
  await write('app/tsconfig.json', {
    compilerOptions,
    include: ['*.ts'],
    references: seen.map((name) => ({ path: `../${name}` })),
  })
  const tsc = join(root, compilers[compiler], 'bin/tsc')
  try {
    await run(process.execPath, [tsc, '--build', 'app'], { cwd: project })
    return ''
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}

/** Answers what the compiler complains of in a CommonJS file that imports the packages. */
export async function compileRequirer(folder: string, compiler: Compiler, kind: ModuleKind): Promise<string> {
  const file = join(folder, `requirer-${compiler}-${kind}.cts`)
  await cp(join(import.meta.dirname, '../sources/requirer.cts'), file)
  const tsc = join(root, compilers[compiler], 'bin/tsc')
  const flags = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--target',
    'es2022',
    '--types',
    'node',
    '--module',
    kind,
  ]
  try {
    await run(process.execPath, [tsc, ...flags, file], { cwd: folder })
    return ''
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}
