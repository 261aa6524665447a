import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

const sources = join(import.meta.dirname, '../src')

interface BuiltPage {
  readonly pageFiles: Record<'app.js' | 'app.css' | 'icon.svg', { contentType: string; text: string }>
  readonly pageVersion: string
}

/** What the page loads, each a file of its own. */
export async function bundlePage(): Promise<BuiltPage> {
  const [script, style, icon] = await Promise.all([
    bundle('main.tsx'),
    bundle('app.css'),
    readFile(join(sources, 'icon.svg'), 'utf8'),
  ])
  return {
    pageFiles: {
      'app.js': { contentType: 'text/javascript; charset=utf-8', text: script },
      'app.css': { contentType: 'text/css; charset=utf-8', text: style },
      'icon.svg': { contentType: 'image/svg+xml', text: icon },
    },
    pageVersion: createHash('sha256').update(script).update(style).update(icon).digest('hex').slice(0, 12),
  }
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(sources, entry)],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}
