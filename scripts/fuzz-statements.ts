import { moveRequest, person, trustOfPeople } from '../src/trust/ceremony/request.fixture.ts'
import { checkContext, makeHalt, meaningsOf, parseRequest, requestText } from '../src/trust/index.ts'
import { haltsText, readHalts } from '../src/trust/pure.ts'
import { openHalts } from '../src/trust/statements/halts.ts'
import type { FuzzTarget } from './fuzz-targets.ts'

const ada = person('ada')
const online = person('online')
const trust = { keys: [ada.key], threshold: 1, object: 'fuzzed' }
const order = { scope: ['web/production'], who: 'ada', why: 'disks fill up' }

/** Files that people and hosts get from anywhere, and that say who signed them. */
export const statementTargets: FuzzTarget[] = [
  {
    name: 'openHalts',
    seeds: () => [Buffer.from(haltsText([makeHalt(order, 0, ada, Date.now()).envelope]))],
    read: bytes => {
      const text = bytes.toString()
      readHalts(text)
      openHalts(text, trust)
    },
  },
  {
    name: 'parseRequest',
    seeds: () => [
      Buffer.from(requestText(moveRequest(trustOfPeople(1, ada), trustOfPeople(1, online), [ada]))),
    ],
    read: bytes => {
      const request = parseRequest(bytes.toString(), 'fuzzed')
      checkContext(request, undefined)
      meaningsOf(request)
    },
  },
]
