import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

/**
 * What a bundle for production may weigh, in bytes: minified, and compressed on top. A few per cent above what was measured: whoever
 * exceeds them has added a dependency, or text, and raises them on purpose.
 */
const budgets: readonly (readonly [name: string, source: string, minified: number, compressed: number])[] = [
  [
    'a web receiver of Sematryx',
    "export { webWebhooks } from '@hookport/core/web'; export { sematryxReceiver } from '@hookport/providers/sematryx'",
    140_000,
    49_400,
  ],
  [
    'a web receiver of JAOT',
    "export { webWebhooks } from '@hookport/core/web'; export { jaotReceiver } from '@hookport/providers/jaot'",
    140_000,
    49_400,
  ],
  [
    'a web receiver of a definition of your own',
    "export { webWebhooks } from '@hookport/core/web'; export { createReceiver, defineProvider } from '@hookport/core'",
    134_000,
    47_200,
  ],
  ['@hookport/express', "export * from '@hookport/express'", 148_000, 52_000],
]

test.for(budgets)('%s stays within its budget', async ([, contents, minified, compressed]) => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['@hookport/source', 'workerd'],
    define: { 'process.env.NODE_ENV': '"production"' },
    external: ['node:*'],
    logLevel: 'silent',
  })
  const bundle = outputFiles[0]?.contents ?? new Uint8Array()
  expect(bundle.length).toBeLessThan(minified)
  expect(gzipSync(bundle, { level: 9 }).length).toBeLessThan(compressed)
  expect(new TextDecoder().decode(bundle), 'the doctor is for development').not.toContain(
    'the signature is right, but written in another encoding',
  )
  expect(bundle.length, 'and not far below it').toBeGreaterThan(minified * 0.9)
})
