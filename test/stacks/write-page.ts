import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderPage } from './render-page.ts'

await writeFile(join(import.meta.dirname, '../../docs/stacks.md'), renderPage())
