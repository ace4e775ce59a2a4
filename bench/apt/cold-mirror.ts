import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, Claim } from '../harness/claim.ts'
import { below, fastest, figureOf, ratio } from '../harness/compare.ts'
import { type Findings, ours } from '../harness/findings.ts'
import { type Contender, measureInTurns } from '../harness/measure.ts'
import { run, shell } from '../harness/run.ts'
import { debReal } from '../workloads/deb-real.ts'
import { allMirrors } from './contenders/mirrors.ts'

const withoutFsync = 'switchyard, fsync taken out'

export const coldMirror: Claim = {
  name: 'cold-mirror',
  title: 'Cold mirror: some 2,100 packages, 1.1 GB, from nothing',
  async measure(bench: Bench): Promise<Findings> {
    const { settings, key, nginx } = bench
    const workload = await debReal(settings, key)
    nginx.show('deb', workload.today)
    spreadNewDirectories(settings.directory)
    const mirrors = await allMirrors(bench)
    const contenders: Contender[] = mirrors.map(mirror => ({
      who: mirror.who,
      prepare: async () => {
        await mirror.clear()
        await readPool(workload.today)
      },
      command: mirror.sync,
      ...(mirror.check === undefined ? {} : { check: mirror.check }),
    }))
    const noFsync = join(settings.checkout, 'bench', 'without-fsync.ts')
    contenders.push({
      ...contenders[0]!,
      who: withoutFsync,
      command: { ...mirrors[0]!.sync, environment: { NODE_OPTIONS: `--import=${noFsync}` } },
    })
    const figures = await measureInTurns(settings, 'cold mirror', contenders)
    const floor = await measureInTurns(settings, 'floor', floorOf(workload.debs, settings.directory))
    const us = figureOf(figures, ours)
    const share = ratio(figureOf(figures, withoutFsync), us)
    return {
      figures: [...figures, ...floor],
      targets: [below(3, us), below(2, us), fastest(figures, ['aptly', 'debmirror', 'reprepro'])],
      notes: [
        `Every blob, page and directory of ours is synced to disk; with that taken out a run takes ${share.toFixed(2)} of the time.`,
      ],
    }
  },
}

/**
 * Without a journal ext4 uses no inode again within five minutes of its removal, and looks at each such inode whenever it
 * makes a file in that group: up to 2 s of processor time for whoever mirrors where a mirror was cleared. Below a directory
 * with this attribute (chattr(1), T) every new one gets a group of its own. Other file systems refuse it and need it not.
 */
function spreadNewDirectories(directory: string): void {
  for (const parent of [directory, join(directory, 'yards'), join(directory, 'aptly')]) {
    mkdirSync(parent, { recursive: true })
    spawnSync('chattr', ['+T', parent])
  }
}

/** Whoever comes first in a turn must not pay for what fell out of the page cache since. */
async function readPool(archive: string): Promise<void> {
  await run(shell(`find '${archive}/pool' -type f -exec cat {} + >/dev/null`))
}

/** What nobody can go below: hashing every byte on one core, and writing it once. */
function floorOf(debs: string, directory: string): Contender[] {
  const to = join(directory, 'copy')
  return [
    { who: 'SHA-256 of the packages, one core', command: shell(`cat ${debs}/*.deb | openssl dgst -sha256`) },
    {
      who: 'cp of the packages',
      prepare: async () => rmSync(to, { recursive: true, force: true }),
      command: shell(`cp -a ${debs} ${to}`),
    },
  ]
}
