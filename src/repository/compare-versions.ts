import { compareDebianVersions, compareEvr, parseEvr } from '../formats/index.ts'
import type { ByteString } from '../model/index.ts'

/** The order of two versions as the package manager of a family sees it. */
export function compareVersions(family: string, a: ByteString, b: ByteString): number {
  return family === 'rpm' ? compareEvr(parseEvr(a), parseEvr(b)) : compareDebianVersions(a, b)
}
