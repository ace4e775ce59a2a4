import type { UploadsConfiguration } from '../config/index.ts'
import { nearestName } from '../config/index.ts'
import { type JobOptions, runJob } from '../jobs/index.ts'
import { type Digest, type Name, type SnapshotRecord, YardError } from '../model/index.ts'
import { type OfferedFile, type RepositoryContext, uploadFiles } from '../repository/index.ts'
import { createOfferer } from './offered-files.ts'
import type { SnapshotSummary, UploadReport, UploadSource } from './yard.ts'

/** Uploads files of this machine, or blobs that are here already, as a job of their repository. */
export async function uploadTo(
  context: RepositoryContext,
  name: Name,
  files: readonly UploadSource[],
  job: JobOptions,
  summaryOf: (record: SnapshotRecord) => Promise<SnapshotSummary>,
): Promise<UploadReport> {
  const repository = uploadsNamed(context, name)
  const begun = context.clock()
  const offer = createOfferer()
  const offered = files.map(file => (typeof file === 'string' ? offer(file) : offeredBlob(context, file)))
  const uploaded = await runJob(job, job => uploadFiles(context, repository, offered, job))
  const milliseconds = Math.round(context.clock() - begun)
  switch (uploaded.kind) {
    case 'created': {
      const { record, change, files } = uploaded
      return {
        repository: name,
        outcome: 'created',
        snapshot: await summaryOf(record),
        change,
        files,
        milliseconds,
      }
    }
    case 'unchanged':
      return {
        repository: name,
        outcome: 'unchanged',
        snapshot: uploaded.snapshot,
        files: uploaded.files,
        milliseconds,
      }
    case 'refused': {
      const { snapshot, refused } = uploaded
      return {
        repository: name,
        outcome: 'refused',
        ...(snapshot === undefined ? {} : { snapshot }),
        refused,
      }
    }
  }
}

function offeredBlob(
  { blobs }: RepositoryContext,
  { file, sha256 }: { file: string; sha256: Digest },
): OfferedFile {
  return { name: file, lend: work => work(blobs.open(sha256)) }
}

function uploadsNamed({ configuration }: RepositoryContext, name: Name): UploadsConfiguration {
  const repository = configuration.repositories.get(name)
  if (repository?.kind === 'uploads') return repository
  const known = [...configuration.repositories.values()]
    .filter(({ kind }) => kind === 'uploads')
    .map(({ name }) => name)
  const nearest = nearestName(name, known)
  const what = repository === undefined ? 'there is no repository' : 'nothing can be uploaded to'
  const why = repository === undefined ? `in ${configuration.file}` : `it is ${kinds[repository.kind]}`
  throw new YardError('not-found', `${what} ${name}: ${why}; nothing was changed`, {
    hint:
      nearest !== undefined
        ? `did you mean ${nearest}?`
        : known.length > 0
          ? `there are: ${known.join(', ')}`
          : 'add one to switchyard.yaml: `NAME: { uploads: deb }` or `{ uploads: rpm }`',
  })
}

const kinds = { mirror: 'a mirror', compose: 'composed from other repositories' }
