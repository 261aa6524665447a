export type { Access, Authorize, Viewer } from './access/access.ts'
export { type Inspector, inspector } from './inspector.ts'
export type { InspectorOptions, ReceiptBook } from './options.ts'
export type { Inspected } from './stores.ts'
