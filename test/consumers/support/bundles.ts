import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

export interface Bundled {
  readonly name: string
  readonly source: string
  /** Bytes that its bundle for production may weigh, minified. */
  readonly minified: number
  /** Bytes that it may weigh compressed on top. */
  readonly compressed: number
}

const web = "export { webWebhooks } from '@hookport/core/web'"

/**
 * The bundles that have a budget. A budget is a few per cent above what was measured: whoever exceeds it has added a dependency, or text, and raises it on
 * purpose.
 */
export const bundles: readonly Bundled[] = [
  {
    name: 'a web receiver of Sematryx',
    source: `${web}; export { sematryxReceiver } from '@hookport/providers/sematryx'`,
    minified: 164_000,
    compressed: 57_800,
  },
  {
    name: 'a web receiver of JAOT',
    source: `${web}; export { jaotReceiver } from '@hookport/providers/jaot'`,
    minified: 164_000,
    compressed: 57_800,
  },
  {
    name: 'a web receiver of a definition of your own',
    source: `${web}; export { createReceiver, defineProvider } from '@hookport/core'`,
    minified: 157_500,
    compressed: 55_600,
  },
  {
    name: '@hookport/express',
    source: "export * from '@hookport/express'",
    minified: 173_500,
    compressed: 61_100,
  },
]

export interface Measured {
  readonly text: string
  readonly minified: number
  readonly compressed: number
  /** Bytes by what they are for, in the words of `purposes`. */
  readonly byPurpose: ReadonlyMap<string, number>
}

/** What the rooms of core, and what is beside it, are for. The first that fits counts. */
const purposes: readonly (readonly [path: RegExp, purpose: string])[] = [
  [
    /core\/src\/(accept|bodies|bytes|keys|web)\//,
    'taking deliveries on: bodies, signatures, identity, replies',
  ],
  [/core\/src\/handle\/(replay|pause|operator)/, 'for operators: replay, pause, redrive'],
  [/core\/src\/handle\//, 'handling events: turns, retries, order, drains'],
  [/core\/src\/(memory|collections)\//, 'the memory inbox, which is the default'],
  [/core\/src\/(setup|options)\//, 'checking options, and warnings'],
  [/core\/src\/provider\//, 'checking definitions of providers, and secrets'],
  [/core\/src\/(expect|reconcile)\//, 'expectations'],
  [/core\/src\/(self-test|health)\//, 'self-test and health'],
  [/core\/src\//, 'the receiver itself: contracts, time, logs, observers'],
]

/** Bundles as for production, for the edge, into one file. */
export async function measure(source: string): Promise<Measured> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    minify: true,
    metafile: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['@hookport/source', 'workerd'],
    define: { 'process.env.NODE_ENV': '"production"' },
    external: ['node:*'],
    logLevel: 'silent',
  })
  const bytes = outputFiles[0]?.contents ?? new Uint8Array()
  const byPurpose = new Map<string, number>()
  for (const { inputs } of Object.values(metafile.outputs))
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const purpose = purposes.find(([pattern]) => pattern.test(path))?.[1] ?? 'the provider and its adapter'
      byPurpose.set(purpose, (byPurpose.get(purpose) ?? 0) + bytesInOutput)
    }
  return {
    text: new TextDecoder().decode(bytes),
    minified: bytes.length,
    compressed: gzipSync(bytes, { level: 9 }).length,
    byPurpose,
  }
}
