import { run } from '../harness/run.ts'
import type { SigningKey } from './signing-key.ts'

/** Writes repomd.xml.asc beside the repomd.xml of a repository. */
export async function signRepodata(directory: string, key: SigningKey): Promise<void> {
  const repomd = `${directory}/repodata/repomd.xml`
  const args = ['--batch', '--yes', '-u', key.user, '-abs', '-o', `${repomd}.asc`, repomd]
  await run({ program: 'gpg', args, environment: key.environment })
}
