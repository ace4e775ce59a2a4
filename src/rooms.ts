/**
 * The order of the house, ground floor first: a room imports only rooms that stand before it, through their
 * `index.ts`. `npm run check` enforces this list and draws it in ARCHITECTURE.md.
 * A room with a pure half has a second door, `pure.ts`, which with all that it reaches imports only the rooms in `pureGround`
 * and other pure doors. `imports`: the room imports these rooms and pure doors only.
 * `io` marks rooms that may touch disk, network, processes or the clock; every other room is handed what it needs.
 */
export const rooms = [
  { name: 'model', io: false, concern: 'the words as types that cannot be wrong; canonical JSON; errors' },
  { name: 'formats', io: false, concern: 'bytes <-> values, one folder a format' },
  { name: 'config', io: false, concern: 'switchyard.yaml -> validated values with their positions' },
  { name: 'tree', io: false, concern: 'trees: pages, lookup, diff, edit, digest' },
  { name: 'store', io: true, concern: 'blobs, pages and refs, and the drivers that keep them' },
  { name: 'sandbox', io: true, concern: 'programs with limits on time, output and memory; clean roots' },
  { name: 'catalog', io: true, concern: 'the database: migrations and queries, SQLite and PostgreSQL' },
  { name: 'trust', io: true, concern: 'keys, signing and verifying' },
  { name: 'upstream', io: true, concern: "reading other people's repositories" },
  { name: 'jobs', io: true, concern: 'named, timed, cancellable steps with progress and a lock' },
  {
    name: 'repository',
    io: false,
    concern: 'sync, compose, snapshot, diff, retention; the metadata that clients read',
  },
  {
    name: 'train',
    io: false,
    concern: 'releases, gates, channels, promotion and rollback; holds, plan and apply',
  },
  {
    name: 'fleet',
    io: false,
    concern: 'hosts: enrolment, cards, reports, halts, rollouts; pure decisions with a thin shell',
  },
  { name: 'yard', io: true, concern: 'all that can be asked of a yard; the only file that chooses drivers' },
  { name: 'wire', io: true, concern: 'one route table: operation, method, path, schemas, errors' },
  { name: 'server', io: true, concern: 'binds the route table to a yard; serves trees' },
  {
    name: 'agent',
    io: true,
    concern: 'what runs on a host, bundled alone: fetch, verify, decide, report',
    imports: ['model', 'formats', 'tree'],
  },
  { name: 'cli', io: true, concern: 'one file a command: parse, ask the yard, print' },
] as const

/** The rooms that what stands behind a pure door may import. */
export const pureGround = ['model', 'formats', 'tree'] as const
