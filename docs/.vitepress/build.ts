import { join } from 'node:path'
import { build } from 'vitepress'

await import('./generate.ts')
await build(join(import.meta.dirname, '..'))
