import { z } from 'zod'

/**
 * An object of which only these fields are known. Others are accepted and kept, as senders add them without notice; but the
 * type does not name them, so that a misspelt field is a compile error. They are there to be read in `event.payload`.
 */
export function openObject<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> {
  return z.looseObject(shape) as unknown as z.ZodObject<Shape>
}
