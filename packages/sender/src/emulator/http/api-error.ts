interface More {
  /** The wrong field of the body, if it is one field. */
  field?: string | undefined
  /** Headers of the reply. */
  headers?: Readonly<Record<string, string>> | undefined
  /** JAOT's `detail`, if that is more than a string. */
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
