import type { ByteString } from '../model/index.ts'

/**
 * Whether a path names a package's file and no metadata: some archives keep packages below `dists` and beside `repodata`. Files of source
 * packages have an underscore behind the name, which no archive in an index's directory has (Debian Policy, 5.6.2).
 */
export function isPackagePath(path: ByteString): boolean {
  return /\.(?:u?deb|d?rpm)$|_[^/]*\.(?:dsc|tar\.[a-z0-9]+|diff\.gz)(?:\.asc)?$/.test(path)
}
