import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'

/**
 * One file of an application and all that it imports, from the sources, as bundlers of edge runtimes make it.
 *
 * @param platform conditions by which packages tell where they are.
 */
export async function bundled(app: string, platform = ['workerd', 'worker']): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '../apps', app)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2023',
    conditions: ['@hookport/source', ...platform],
    plugins: [withoutUnusedBuiltins],
    logLevel: 'silent',
  })
  return (outputFiles[0] as { text: string }).text
}

/** Modules of Node's that are imported for nothing by what is left in the end, such as those of the sending side of the audits. */
const withoutUnusedBuiltins: Plugin = {
  name: 'without unused builtins',
  setup({ onResolve }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, external: true, sideEffects: false }))
  },
}
