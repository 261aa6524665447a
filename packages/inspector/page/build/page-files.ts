import { bundlePage } from './bundle-page.ts'

// While the page is worked on: whoever imports it has what stands in the sources now.
export const { pageFiles, pageVersion } = await bundlePage()
