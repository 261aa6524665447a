import { z } from 'zod'

/** Any number that a Python sender writes: NaN and the infinities too, which zod's own number refuses. */
export const anyNumber: z.ZodType<number, number> = z.custom<number>(
  (value) => typeof value === 'number',
  'Invalid input: expected number',
)
