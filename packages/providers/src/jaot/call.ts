import { checkedUrl } from '../management/check-call.ts'
import { pathSegment } from '../management/path-segment.ts'
import {
  type Answered,
  type CallOptions,
  callManagement,
  type ManagementOptions,
  type ManagementRequest,
} from '../management/request.ts'

/** What a call takes, whatever authorizes it. */
export interface JaotCallOptions extends CallOptions {
  /** Where JAOT is: its documentation names paths only. The URL of your account, or of an emulator; with `/api/v2` at its end, or without. */
  baseUrl: string | URL
}

/** What every call takes that the API key authorizes. */
export interface JaotApiOptions extends ManagementOptions {
  /** Where JAOT is, as in `JaotCallOptions`. */
  baseUrl: string | URL
}

/** @param request its path is that behind `/api/v2/triggers`: the collection is `/`, with the slash. Without it JAOT answers 307. */
export function callJaot(options: JaotApiOptions, request: ManagementRequest): Promise<Answered> {
  const baseUrl = checkedUrl(options.baseUrl).replace(/\/api\/v2$/, '')
  return callManagement({ ...options, baseUrl }, { ...request, path: `/api/v2/triggers${request.path}` })
}

/**
 * The path of a trigger, behind `/api/v2/triggers`.
 *
 * @param option that holds its id.
 */
export function pathOf(triggerId: string, option = 'id'): string {
  return `/${pathSegment(option, triggerId)}`
}
