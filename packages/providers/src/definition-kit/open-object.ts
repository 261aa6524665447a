import { looseObject, type ZodMiniObject } from 'zod/mini'
import { expected } from './expected.ts'

type Shape = Parameters<typeof looseObject>[0] & {}

/**
 * An object of which only these fields are known. Others are accepted and kept, as senders add them without notice; but the
 * type does not name them, so that a misspelt field is a compile error. They are there to be read in `event.payload`.
 */
export function openObject<Fields extends Shape>(shape: Fields): ZodMiniObject<Fields> {
  return looseObject(shape, expected) as unknown as ZodMiniObject<Fields>
}
