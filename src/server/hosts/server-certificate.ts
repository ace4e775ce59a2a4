import { certificateLifetimes, issueServerCertificate } from '../../trust/index.ts'
import type { OpenYard } from '../../yard/index.ts'

/** What the listener shows, and the CAs whose certificates it asks for; all PEM. */
export interface ServerIdentity {
  key: string
  cert: string
  ca: string[]
}

/** The server's certificate is made anew after this part of its life. */
const renewedAfter = certificateLifetimes.server / 3

/**
 * Gives the listener's identity: the same one, until its certificate has lived for a third of its life or there is another CA. Its key
 * is never written anywhere: hosts know the CA.
 */
export function createServerIdentity(
  { hosts }: Pick<OpenYard, 'hosts'>,
  name: string,
  now: () => number,
): () => Promise<ServerIdentity> {
  let known: { identity: ServerIdentity; made: number } | undefined
  return async () => {
    const authorities = await hosts.authorities()
    const ca = authorities.map(({ certificate }) => certificate)
    const at = now()
    const isGood =
      known !== undefined &&
      Math.abs(at - known.made) < renewedAfter &&
      known.identity.ca.join() === ca.join()
    if (!isGood) known = { made: at, identity: { ...issueServerCertificate(authorities, [name], at), ca } }
    return known!.identity
  }
}
