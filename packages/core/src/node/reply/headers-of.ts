import type { ServerResponse } from 'node:http'
import type { Reply } from '../../contracts/delivery.ts'

/**
 * The headers of a reply, as its connection can have them. HTTP/2 has no `Connection`: Node leaves it out, and warns that it is not valid. For adapters.
 */
export function headersOf({ headers }: Reply, { req }: ServerResponse): Reply['headers'] {
  if (req?.httpVersionMajor !== 2) return headers
  const { connection: _, ...others } = headers
  return others
}
