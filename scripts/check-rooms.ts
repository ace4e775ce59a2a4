/** Fails when an import breaks the order of src/rooms.ts, or a room without I/O has some. */
import { pureGround, rooms } from '../src/rooms.ts'
import { roomFaults } from './rooms/faults.ts'
import { loadSources } from './rooms/load-sources.ts'

const faults = roomFaults(rooms, await loadSources(), pureGround)
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exitCode = 1
