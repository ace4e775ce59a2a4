import { type Digest, digestOf, YardError } from '../model/index.ts'
import { maximumPageBytes } from './pages.ts'

/** Before a page is kept. @throws YardError `invalid` when it is too large, `internal` when its bytes are not its digest. */
export function checkPage(page: { digest: Digest; bytes: Uint8Array }): void {
  if (page.bytes.length > maximumPageBytes)
    throw new YardError(
      'invalid',
      `the page ${page.digest} has ${page.bytes.length} bytes, more than ${maximumPageBytes}; no page of the batch was kept`,
    )
  if (digestOf(page.bytes) !== page.digest)
    throw new YardError('internal', `the page ${page.digest} has other bytes; no page of the batch was kept`)
}
