interface More {
  /** The field of the body at fault, where it is one. */
  field?: string | undefined
  /** Headers of the reply. */
  headers?: Readonly<Record<string, string>> | undefined
  /** What JAOT says as `detail`, where that is more than a text. */
  detail?: object | undefined
}

/** A request that an API of the emulator refuses. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly more: More

  constructor(status: number, message: string, more: More = {}) {
    super(message)
    this.status = status
    this.more = more
  }
}
