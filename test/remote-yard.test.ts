import type { Name } from '../src/model/index.ts'
import { createRemoteYard } from '../src/wire/index.ts'
import { startServer } from './world/running-server.ts'
import { yardSuite } from './world/yard.suite.ts'

yardSuite(async (yard, world) => {
  const { token } = await yard.use(open => open.yard.createToken('tester' as Name, { rights: ['admin'] }))
  const server = await startServer(yard)
  world.atEnd(() => server.stop())
  const remote = createRemoteYard({ server: server.url, token })
  return { yard: remote, who: 'tester', via: 'api', close: () => remote.close() }
})
