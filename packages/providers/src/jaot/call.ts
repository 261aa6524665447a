import { checkedUrl, pathSegment } from '../management/check-call.ts'
import {
  type Answered,
  type CallOptions,
  callManagement,
  type ManagementOptions,
  type ManagementRequest,
} from '../management/request.ts'

/** Options of every call, however it is authorized. */
export interface JaotCallOptions extends CallOptions {
  /**
   * The URL of JAOT's API for your account, or of an emulator, with or without `/api/v2` at its end. There is no default, as JAOT's documentation
   * only names paths.
   */
  baseUrl: string | URL
}

/** Options of every call that the API key authorizes. */
export interface JaotApiOptions extends ManagementOptions {
  /** The URL of JAOT's API, as in `JaotCallOptions`. */
  baseUrl: string | URL
}

/** @param request its path is relative to `/api/v2/triggers`. The collection is `/`, with the slash: without it JAOT answers 307. */
export function callJaot(options: JaotApiOptions, request: ManagementRequest): Promise<Answered> {
  const baseUrl = checkedUrl(options.baseUrl).replace(/\/api\/v2$/, '')
  return callManagement({ ...options, baseUrl }, { ...request, path: `/api/v2/triggers${request.path}` })
}

/**
 * The path of a trigger, relative to `/api/v2/triggers`.
 *
 * @param option the name of the option with its id.
 */
export function pathOf(triggerId: string, option = 'id'): string {
  return `/${pathSegment(option, triggerId)}`
}
