import { canonicalJson, type Digest, digestOf, type Json } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import type { OwnRepository } from './publisher.ts'

/** What was asked for, and who signs it: with the same inputs and the same of these, the result is the same. */
export async function settingsOf(context: RepositoryContext, repository: OwnRepository): Promise<Digest> {
  const { position: _, seed: __, ...asked } = repository
  const keys = (await context.signers()).map(key => key.fingerprint)
  return digestOf(Buffer.from(canonicalJson(told({ ...asked, keys }))))
}

/** As JSON can say it: what is not there, or without end, is null. */
function told(value: unknown): Json {
  return JSON.parse(JSON.stringify(value, (_, each) => each ?? null)) as Json
}
