import { messageOf, parseReleaseReference, type ReleaseRecord, YardError } from '../model/index.ts'
import { listReleases, readRelease, type SignedRelease } from '../repository/index.ts'
import type { TrainContext } from './context.ts'
import { verifyRecord } from './signed-record.ts'

/**
 * The release that `TRAIN`, `TRAIN@latest` or `TRAIN@T` names, its signature verified.
 * @throws YardError `usage` for a malformed reference, `not-found` (with what there is) when it names nothing, `damaged`
 *   when its record is not what this yard signed.
 */
export async function findRelease(context: TrainContext, reference: string): Promise<ReleaseRecord> {
  const { train, at } = parseReleaseReference(reference)
  const listed = await listReleases(context.refs, train)
  const timestamp = at ?? listed.at(-1)
  const signed = timestamp === undefined ? undefined : await readRelease(context.refs, train, timestamp)
  if (signed !== undefined) return verified(context, signed, `${train}@${timestamp}`)
  if (listed.length > 0)
    throw new YardError('not-found', `there is no release ${reference}`, {
      hint: `the newest of ${train} is ${train}@${listed.at(-1)}; \`switchyard releases ${train}\` lists all ${listed.length}`,
    })
  if (context.configuration.trains.has(train))
    throw new YardError('not-found', `the train ${train} has no release yet`, {
      hint: `run \`switchyard release ${train}\``,
    })
  const known = [...context.configuration.trains.keys()]
  throw new YardError('not-found', `there is no train ${train}`, {
    hint: known.length === 0 ? 'declare one in switchyard.yaml' : `there are: ${known.join(', ')}`,
  })
}

async function verified(context: TrainContext, signed: SignedRelease, name: string): Promise<ReleaseRecord> {
  const { record } = signed
  try {
    await verifyRecord(context, signed, ({ timestamp }) => timestamp, name)
  } catch (cause) {
    throw new YardError(
      'damaged',
      `the record of ${name} is not what this yard signed: ${messageOf(cause)}`,
      {
        hint: 'nothing was changed; restore `refs/trains/` from a backup, or cut a new release',
        cause,
      },
    )
  }
  if (`${record.train}@${record.timestamp}` === name) return record
  throw new YardError('damaged', `the record of ${name} is that of ${record.train}@${record.timestamp}`, {
    hint: 'nothing was changed; restore `refs/trains/` from a backup',
  })
}
