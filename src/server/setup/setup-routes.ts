import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Content } from '../../repository/index.ts'
import { aptSources, dnfRepo, keyFile, mirrorlist, preferences } from './setup-files.ts'
import { repositorySetup, type Setup, type SetupParameters, trainSetup } from './subject.ts'

/**
 * Ready-made client configuration: `/setup/REPO[/SNAPSHOT]/...` of a repository, `/channels/TRAIN/CHANNEL/setup/...` and
 * `/releases/TRAIN/RELEASE/setup/...` of all that travel together, or one of them. Reads refs and keys, never the catalog.
 */
export function addSetupRoutes(app: FastifyInstance, content: Content, publicUrl: string | undefined): void {
  const files: Record<string, (setup: Setup) => Promise<string>> = {
    'apt.sources': setup => aptSources(content, setup),
    'dnf.repo': setup => dnfRepo(content, setup),
    'key.asc': setup => keyFile(content, setup),
    preferences: async setup => preferences(setup),
  }
  const ofOne = { ...files, mirrorlist: async (setup: Setup) => mirrorlist(setup) }
  const add = (place: string, setupOf: typeof trainSetup, made: typeof files) => {
    for (const [name, make] of Object.entries(made))
      app.get(
        `${place}/${name}`,
        async (request: FastifyRequest<{ Params: SetupParameters }>, reply: FastifyReply) => {
          const text = await make(await setupOf(content, request, publicUrl))
          reply.headers({ 'Cache-Control': 'no-cache', Vary: 'Host', 'X-Content-Type-Options': 'nosniff' })
          return reply
            .type(name === 'key.asc' ? 'application/pgp-keys' : 'text/plain; charset=utf-8')
            .send(text)
        },
      )
  }
  add('/setup/:repository', repositorySetup, ofOne)
  add('/setup/:repository/:view', repositorySetup, ofOne)
  for (const train of ['/channels/:train/:channel/setup', '/releases/:train/:release/setup']) {
    add(train, trainSetup, files)
    add(`${train}/:repository`, trainSetup, ofOne)
  }
}
