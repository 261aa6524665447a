import { string } from 'zod/mini'
import { expected } from './expected.ts'

/** Any string. */
export const text = string(expected)
