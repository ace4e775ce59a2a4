import { userInfo } from 'node:os'
import { openYard } from '../src/yard/index.ts'
import { yardSuite } from './world/yard.suite.ts'

yardSuite(async ({ directory }) => {
  const { yard, close } = await openYard(directory, { environment: {} })
  return { yard, close, who: userInfo().username, via: 'command line' }
})
