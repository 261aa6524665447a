import { copyPages } from './pages/copied-pages.ts'
import { writeReference } from './reference/write-reference.ts'

copyPages()
await writeReference()
