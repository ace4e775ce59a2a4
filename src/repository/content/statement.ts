import { pathFault } from '../../model/index.ts'
import type { Refs } from '../../store/index.ts'

/** What hosts may read of `departures/`: the rest waits there for signatures. */
const served = /^(?:(?:metadata|targets|halt)\/.|revoked\.crl$)/

/** The text of a signed statement, by its path as a host asks for it; undefined: there is none. */
export async function readStatement(refs: Refs, path: string): Promise<string | undefined> {
  const isOne = served.test(path) && pathFault(path) === undefined && !/[^\x20-\x7e]/.test(path)
  return isOne ? refs.read(`departures/${path}`) : undefined
}
