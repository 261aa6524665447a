import type { ScriptName } from './scripts.ts'

/** Keys, or arguments. */
export type Values = readonly (string | number | Buffer)[]
/** As a script is defined on a client. */
export type Command = (keyCount: number, ...keysAndArguments: Values) => Promise<unknown>

/** A call of a script. */
export interface ScriptCall<Answer> {
  readonly script: ScriptName
  readonly keys: Values
  /** @param isAgain whether it was sent before, and may have run. */
  args(isAgain: boolean): Values
  /** Whether it may be sent again when the connection broke before the reply. */
  readonly repeatable: boolean
  /** What it throws is treated as an error from Redis. */
  read(reply: unknown): Answer
}

/** The name of a script's command. @param isPlain without its flags. */
export function commandOf(script: ScriptName, isPlain: boolean): string {
  return `hookport_${script}${isPlain ? '_plain' : ''}`
}
