import { digestOf } from '../../model/index.ts'
import type { Metadata, RootSigned, TargetsSigned } from '../departures/metadata.ts'
import type { Published } from '../departures/published.ts'
import type { StagedFile, StatementsState } from '../departures/state.ts'
import type { OpenedHalt } from '../statements/halts.ts'
import { readRole } from '../statements/layout.ts'
import type { SigningRequest, WaitingMetadata } from './request.ts'

/**
 * All that waits for signatures of people, as one request; undefined: nothing does. What machines sign may wait for their keys.
 * @param roots those before the published one, oldest first.
 */
export async function requestOf(
  published: Published | undefined,
  { staged }: Pick<StatementsState, 'staged'>,
  halts: readonly OpenedHalt[],
  roots: Metadata<RootSigned>[],
): Promise<SigningRequest | undefined> {
  const files = staged
    .flatMap(({ id, files }) => files.map(file => ({ ...file, id })))
    .filter(({ role }) => isPeoples(role))
  if (published === undefined || files.length === 0) return undefined
  const texts = (await Promise.all(files.map(file => textsOf(published, file)))).flat()
  return {
    version: 1,
    roots,
    root: published.root,
    ...(published.targets === undefined ? {} : { targets: published.targets }),
    waiting: await Promise.all(files.map(file => waitingOf(published, file))),
    texts: Object.fromEntries(texts.map(text => [digestOf(Buffer.from(text)), text])),
    halts: halts.map(({ envelope }) => envelope),
  }
}

function isPeoples(role: string): boolean {
  return role === 'root' || role === 'targets' || readRole(role)?.kind === 'channel'
}

async function waitingOf(
  published: Published,
  { id, role, metadata, needs }: StagedFile & { id: number },
): Promise<WaitingMetadata> {
  const before = readRole(role)?.kind === 'channel' ? await published.role(role) : undefined
  return {
    change: id,
    role,
    metadata: metadata as WaitingMetadata['metadata'],
    needs: needs.map(({ keys, threshold }) => ({ keys, threshold })),
    ...(before === undefined ? {} : { before }),
  }
}

/** What it states, and what it stated until now: also what stays the same, and is only signed again. */
async function textsOf(published: Published, { role, metadata, statements }: StagedFile): Promise<string[]> {
  const { targets = {} } = metadata.signed as Partial<TargetsSigned> & Partial<RootSigned>
  const kept = await Promise.all(Object.keys(targets).map(path => published.target(role, path)))
  const put = statements.flatMap(({ text, before }) => (before === undefined ? [text] : [text, before]))
  return [...kept.filter(text => text !== undefined), ...put]
}
