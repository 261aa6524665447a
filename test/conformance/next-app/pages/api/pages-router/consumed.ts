import { pagesWebhooks } from '@hookport/next/pages'
import { receiverAt } from '../../../receiver-at.ts'

// The config that turns off Next's body parser is left out on purpose.
export default pagesWebhooks(receiverAt('/consumed'))
