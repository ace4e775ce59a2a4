import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isName, isTimestamp, YardError } from '../model/index.ts'
import { type Content, signedBytes } from '../repository/index.ts'

type Request = FastifyRequest<{ Params: { train: string; release: string } }>
type Found = NonNullable<Awaited<ReturnType<Content['release']>>>

/**
 * `/releases/TRAIN/RELEASE/release.json`, the very bytes that the yard signed, with `release.json.asc` and, for
 * `gpg --verify`, the keys in `release.json.key.asc`.
 */
export function addReleaseRoutes(app: FastifyInstance, content: Content): void {
  const add = (name: string, type: string, of: (found: Found) => string | Buffer) =>
    app.get(`/releases/:train/:release/${name}`, async (request: Request, reply: FastifyReply) => {
      const found = of(await find(content, request))
      reply.headers({
        'Cache-Control': 'public, max-age=31536000, immutable',
        'X-Content-Type-Options': 'nosniff',
      })
      return reply.type(type).send(found)
    })
  add('release.json', 'application/json', ({ signed }) => signedBytes(signed.record))
  add('release.json.asc', 'application/pgp-signature', ({ signed }) => signed.signature)
  add('release.json.key.asc', 'application/pgp-keys', ({ keys }) => keys)
}

async function find(content: Content, { params: { train, release } }: Request): Promise<Found> {
  const found = isName(train) && isTimestamp(release) ? await content.release(train, release) : undefined
  if (found !== undefined) return found
  throw new YardError('not-found', `there is no release ${train}@${release}`)
}
