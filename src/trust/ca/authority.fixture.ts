import { type Authority, makeAuthority, parseAuthority } from './authority.ts'

/** A CA that lies in no file. @param now milliseconds since the epoch. */
export function authorityAt(now: number): Authority {
  return parseAuthority(makeAuthority(now).text, 'ca.pem')
}
