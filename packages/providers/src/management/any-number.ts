import { custom, type ZodMiniType } from 'zod/mini'

/** Any number that a Python sender writes, NaN and the infinities included, which zod's own number refuses. */
export const anyNumber: ZodMiniType<number, number> = custom<number>(
  (value) => typeof value === 'number',
  'Invalid input: expected number',
)
