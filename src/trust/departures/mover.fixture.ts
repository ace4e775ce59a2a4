/** A process that moves a channel on and on, and says each release when hosts are told of it: `mover.fixture.ts DIRECTORY CHANNEL`. */
import { join } from 'node:path'
import type { Name } from '../../model/index.ts'
import { openFsStore } from '../../store/index.ts'
import { keysAtHand } from '../statement-keys/keys-at-hand.ts'
import { openStatements } from './open-statements.ts'
import { move } from './statements.fixture.ts'

const [directory, channel] = process.argv.slice(2) as [string, Name]
const { refs, locks } = openFsStore(directory)
const keys = keysAtHand(join(directory, 'keys', 'statements'))
const statements = openStatements({ refs, locks, keys, now: Date.now })
for (let number = 1; ; number++) {
  await statements.publish(move(channel, number))
  process.stdout.write(`${number}\n`)
}
