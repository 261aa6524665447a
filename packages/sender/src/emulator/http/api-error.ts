/** A request that an API of the emulator refuses. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** The field of the body at fault, where it is one. */
  readonly field: string | undefined

  constructor(status: number, message: string, field?: string) {
    super(message)
    this.status = status
    this.field = field
  }
}
