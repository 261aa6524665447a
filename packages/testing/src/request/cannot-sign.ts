/** A delivery can't be made up for a definition. The message says what to give. */
export class CannotSign extends Error {
  override readonly name = 'CannotSign'
}
