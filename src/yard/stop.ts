import { join, resolve } from 'node:path'
import { type Halt, YardError } from '../model/index.ts'
import { openFsStore } from '../store/index.ts'
import {
  addHalts,
  type HaltOrder,
  haltTrustIn,
  isAheadOfTime,
  keysAtHand,
  liftedIn,
  listHalts,
  makeHalt,
} from '../trust/index.ts'
import type { StatementSigner } from '../trust/pure.ts'

/**
 * Stops channels of the yard in a directory. It opens nothing but refs and a key, so that it works while a server runs or none does,
 * and while switchyard.yaml, the database or the online key are broken or gone. The audit log is not asked: the caller tells it.
 * @param signer undefined: a key of the yard itself, where one may stop.
 * @throws YardError `not-found` when there is no yard; `usage` when no key is at hand; `untrusted` when the key may not stop.
 */
export async function stopChannels(
  directory: string,
  order: HaltOrder,
  signer: StatementSigner | undefined,
  now: number,
): Promise<Halt> {
  const root = resolve(directory)
  const store = openFsStore(root)
  try {
    const trust = await haltTrustIn(store.refs)
    if (trust === undefined)
      throw new YardError('not-found', `the yard in ${root} has no statements; nothing was stopped`, {
        hint: 'name the yard with --yard, or write the halt into a file with --out and bring it to a place that hosts read',
      })
    const known = Math.max(
      0,
      ...(await listHalts(store.refs)).map(({ halt }) => (isAheadOfTime(halt, now) ? 0 : halt.number)),
      ...(await liftedIn(store.refs)).map(({ lifted }) => lifted),
    )
    const own = async () => {
      const at = await keysAtHand(join(root, 'keys', 'statements')).signers()
      return at.find(({ key }) => trust.keys.some(({ keyid }) => keyid === key.keyid))
    }
    const by = signer ?? (await own())
    if (by === undefined)
      throw new YardError('usage', 'no key of the yard itself may stop its channels; nothing was stopped', {
        hint: 'name a key of yours with --key; `switchyard trust show` says whose may',
      })
    const { halt, envelope } = makeHalt(order, known, by, now)
    await addHalts(store, [envelope])
    return halt
  } finally {
    store.close()
  }
}
