import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundlePage } from './bundle-page.ts'

// A module and no files: bundlers and platforms without a file system take it along.
const { pageFiles, pageVersion } = await bundlePage()
const folder = join(import.meta.dirname, '../../dist')
await mkdir(folder, { recursive: true })
const text = [
  `export const pageFiles = ${JSON.stringify(pageFiles, undefined, 2)}`,
  `export const pageVersion = ${JSON.stringify(pageVersion)}`,
]
await writeFile(join(folder, 'page-files.js'), `${text.join('\n')}\n`)
