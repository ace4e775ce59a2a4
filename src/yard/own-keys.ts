import type { Configuration } from '../config/index.ts'
import { YardError } from '../model/index.ts'
import { resealAll } from '../repository/index.ts'
import type { Lock, Locks } from '../store/index.ts'
import { resealChannels, type TrainContext } from '../train/index.ts'
import { type KeyDirectory, openKeys, type SigningKey } from '../trust/index.ts'
import { recorded } from './recorded.ts'

/** The yard's own keys; when they change, every `latest` and every channel is sealed anew. */
export interface OwnKeys extends Pick<KeyDirectory, 'signers' | 'publicKey'> {
  /** A new key signs beside the others from now on. @throws YardError when some `latest` could not be sealed with it. */
  rotate(options?: { why?: string | undefined }): Promise<SigningKey>
  /** @throws YardError as KeyDirectory.retire does, and when some `latest` could not be sealed without it. */
  retire(fingerprint: string, options?: { why?: string | undefined }): Promise<void>
}

/** Held while the directory of keys is changed; the dot keeps it apart from the locks of repositories. */
const keysLock = '.keys'

/** Making a key takes seconds. */
const waitMilliseconds = 60_000

/** The directory of keys; the first key is made now where `init` has not made one. */
export async function openOwnKeys(
  directory: string,
  { keys: asked }: Configuration,
  locks: Locks,
  now: () => number,
): Promise<KeyDirectory> {
  const keys = await openKeys(directory)
  if ((await keys.signers()).length > 0) return keys
  await underLock(locks, async () => {
    if ((await keys.signers()).length === 0) await keys.rotate({ ...asked, now: now() })
  })
  return keys
}

export function createOwnKeys(keys: KeyDirectory, context: TrainContext): OwnKeys {
  const { configuration, locks, now } = context
  return {
    signers: keys.signers,
    publicKey: keys.publicKey,
    async rotate() {
      const key = await underLock(locks, () => keys.rotate({ ...configuration.keys, now: now() }))
      await sealAnew(context)
      return key
    },
    async retire(fingerprint) {
      await underLock(locks, () => keys.retire(fingerprint))
      await sealAnew(context)
    },
  }
}

/** What fails for repositories keeps channels from nothing. */
async function sealAnew(context: TrainContext): Promise<void> {
  const outcomes = await Promise.allSettled([resealAll(context), resealChannels(context)])
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

/** The same keys; what is done to them is in the audit log. */
export function recordedKeys(keys: OwnKeys, context: TrainContext): OwnKeys {
  const subject = 'keys'
  return {
    ...keys,
    rotate(options) {
      const detailOf = ({ fingerprint }: SigningKey) => ({ fingerprint })
      return recorded(context, { verb: 'rotate', subject, why: options?.why, detailOf }, () => keys.rotate())
    },
    retire(fingerprint, options) {
      const detailOf = () => ({ fingerprint })
      return recorded(context, { verb: 'retire', subject, why: options?.why, detailOf }, () =>
        keys.retire(fingerprint),
      )
    },
  }
}

async function underLock<T>(locks: Locks, work: () => Promise<T>): Promise<T> {
  const lock: Lock | undefined = await locks.acquire(keysLock, waitMilliseconds)
  if (lock === undefined)
    throw new YardError('busy', 'another process is changing the keys; nothing was changed', {
      hint: 'try again in a moment',
    })
  try {
    return await work()
  } finally {
    lock.release()
  }
}
