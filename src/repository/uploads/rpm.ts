import type { UploadsConfiguration } from '../../config/index.ts'
import {
  formatEvr,
  packageOf,
  type RpmFile,
  type RpmPackage,
  readRpm,
  writeFragments,
} from '../../formats/index.ts'
import { type ByteString, type FileEntry, YardError } from '../../model/index.ts'
import type { Entry } from '../../tree/index.ts'
import { faultOfSignature } from '../accept-package.ts'
import type { RepositoryContext } from '../context.ts'
import { listingKey } from '../rpm-listings.ts'
import { checkArchitecture } from './check-architecture.ts'
import type { UploadFormat } from './upload-format.ts'

/** Uploads of RPM packages, source packages included, as createrepo_c would list them. */
export function rpmUploads(context: RepositoryContext, repository: UploadsConfiguration): UploadFormat {
  return {
    suffix: '.rpm',
    async read(bytes, object) {
      const file = await readRpm(bytes, object, { payload: true })
      if (file.payload.format !== 'cpio')
        throw new YardError(
          'refused',
          `${object} is refused: it is a delta (${file.payload.format}), not a package`,
        )
      const rpm = packageOf(file, object)
      checkWords(rpm, object)
      if (repository.architectures.length > 0) checkArchitecture(repository, rpm.arch, 'noarch', object)
      await checkSignature(context, repository, file, object)
      const version = formatEvr({
        epoch: rpm.epoch === undefined ? undefined : String(rpm.epoch),
        version: rpm.version,
        release: rpm.release,
      })
      return {
        name: rpm.name,
        version,
        architecture: rpm.arch,
        path: pathOf(rpm),
        entries: (entry, path) => entriesOf(file, rpm, version, entry, path),
      }
    },
  }
}

/** As Fedora's: below the first letter of its name, under the name that rpmbuild gives it. */
function pathOf({ name, version, release, arch, lacksSources }: RpmPackage): ByteString {
  const kind = lacksSources ? 'nosrc' : arch
  return `Packages/${name[0]!.toLowerCase()}/${name}-${version}-${release}.${kind}.rpm`
}

/** What rpmbuild lets into a name, a version and an architecture. They become a path, and who looks at it should see what it says. */
const words = {
  name: /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/,
  version: /^[A-Za-z0-9_.+~^]+$/,
  release: /^[A-Za-z0-9_.+~^]+$/,
  arch: /^[A-Za-z0-9_]+$/,
}

function checkWords(rpm: RpmPackage, object: string): void {
  for (const [field, word] of Object.entries(words) as [keyof typeof words, RegExp][])
    if (!word.test(rpm[field]))
      throw new YardError(
        'invalid',
        `${object}: its header: ${JSON.stringify(rpm[field].slice(0, 200))} is no ${field} of an RPM package`,
      )
}

async function checkSignature(
  context: RepositoryContext,
  repository: UploadsConfiguration,
  file: RpmFile,
  object: string,
): Promise<void> {
  const keyring = await context.keyring(repository)
  const fault = keyring && (await faultOfSignature(file, keyring, context.now(), object))
  if (fault !== undefined)
    throw new YardError('refused', `${object} is refused: ${fault}`, {
      hint: `${repository.name} takes only packages that a key of ${repository.keyring} has signed: rpmsign --addsign ${object}`,
    })
}

/**
 * One entry for each of the three documents. The time of the package's build stands in for that of its file, which would
 * tell when somebody copied it: so the same packages give the same bytes.
 */
function entriesOf(
  { headerStart, headerEnd }: RpmFile,
  rpm: RpmPackage,
  version: ByteString,
  { sha256, size }: FileEntry,
  href: ByteString,
): Entry[] {
  const place = { href, pkgid: sha256, size, fileTime: rpm.buildTime, headerStart, headerEnd }
  const { primary, filelists, other } = writeFragments(rpm, place)
  const key = (family: Parameters<typeof listingKey>[0]) =>
    listingKey(family, { name: rpm.name, architecture: rpm.arch, version }, sha256)
  return [
    { key: key('rpm'), value: primary },
    { key: key('rpm-filelists'), value: filelists },
    { key: key('rpm-other'), value: other },
  ]
}
