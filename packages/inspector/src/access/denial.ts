/** A request that is refused. The message is for whoever asked: it says what to do, and reveals nothing. */
export class Denial extends Error {
  override readonly name = 'Denial'
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}
