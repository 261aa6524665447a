import { ConfigurationError } from '../contracts/errors.ts'
import type { Instrument } from '../contracts/receiver/instrument.ts'
import { assertObject } from '../options/option-table.ts'

/**
 * Every delivery and every attempt would fail in an instrument that is none.
 *
 * @throws {ConfigurationError} for what is not an instrument.
 */
export function assertInstrument(instrument: Instrument): void {
  assertObject(instrument, 'instrument: the instrument is')
  const { delivery, handler, observers = {} } = instrument
  assertObject(observers, 'instrument: observers is')
  for (const [name, value] of Object.entries({ delivery, handler, ...observers }))
    if (value !== undefined && typeof value !== 'function')
      throw new ConfigurationError(`instrument: ${name} is ${typeof value}; it must be a function`)
}
