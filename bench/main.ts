/**
 * `npm run bench -- apt|rpm|train|trust [CLAIM...]`: measures what we say of our speed, each figure beside the peer's in the same run,
 * prints tables in Markdown and keeps them with every figure in bench/results/. Nothing is asserted.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { coldMirror } from './apt/cold-mirror.ts'
import { content } from './apt/content.ts'
import { diffAndPublish } from './apt/diff-and-publish.ts'
import { nextDay } from './apt/next-day.ts'
import { nothingNew } from './apt/nothing-new.ts'
import { onDemand } from './apt/on-demand.ts'
import type { Claim } from './harness/claim.ts'
import { lockDirectory } from './harness/lock.ts'
import { describeMachine } from './harness/machine.ts'
import { missingPackages } from './harness/packages.ts'
import { startNginx } from './harness/serve.ts'
import { readSettings, type Settings } from './harness/settings.ts'
import { type Measured, markdown } from './harness/table.ts'
import { closure as rpmClosure } from './rpm/closure.ts'
import { coldMirror as rpmColdMirror } from './rpm/cold-mirror.ts'
import { metadata as rpmMetadata } from './rpm/metadata.ts'
import { nextDay as rpmNextDay } from './rpm/next-day.ts'
import { nothingNew as rpmNothingNew } from './rpm/nothing-new.ts'
import { onDemand as rpmOnDemand } from './rpm/on-demand.ts'
import { primary as rpmPrimary } from './rpm/primary.ts'
import { channelLoad } from './train/channel-load.ts'
import { closureDeb } from './train/closure-deb.ts'
import { closureRpm } from './train/closure-rpm.ts'
import { plan } from './train/plan.ts'
import { promote } from './train/promote.ts'
import { agent } from './trust/agent.ts'
import { enrolments } from './trust/enrolments.ts'
import { reports } from './trust/reports.ts'
import { rolloutSteps } from './trust/rollout-steps.ts'
import { signingKey } from './workloads/signing-key.ts'

const suites: Record<string, { claims: Claim[]; peers: string[] }> = {
  apt: {
    claims: [coldMirror, nothingNew, nextDay, diffAndPublish, onDemand, content],
    peers: ['aptly', 'debmirror', 'reprepro', 'nginx', 'wrk', 'apt'],
  },
  rpm: {
    claims: [rpmColdMirror, rpmNothingNew, rpmNextDay, rpmMetadata, rpmClosure, rpmPrimary, rpmOnDemand],
    peers: ['createrepo-c', 'dnf', 'dnf-plugins-core', 'nginx'],
  },
  train: {
    claims: [promote, channelLoad, closureDeb, closureRpm, plan],
    peers: ['nginx', 'wrk', 'dose-distcheck', 'dnf', 'dnf-plugins-core'],
  },
  trust: {
    claims: [agent, reports, enrolments, rolloutSteps],
    peers: ['nginx'],
  },
}

const [suite = '', ...names] = process.argv.slice(2)
process.exitCode = await main(suite, names)

/** Answers the exit status. */
async function main(suite: string, names: string[]): Promise<number> {
  const { claims, peers } = suites[suite] ?? { claims: [], peers: [] }
  if (claims.length === 0 || names.some(name => !claims.some(claim => claim.name === name))) {
    console.error('usage: npm run bench -- SUITE [CLAIM...]')
    for (const [name, { claims }] of Object.entries(suites))
      console.error(`  ${name}: ${claims.map(claim => claim.name).join(' ')}`)
    return 2
  }
  const settings = readSettings(process.env)
  const command = missingPackages(settings)
  if (command !== undefined) {
    console.error(`Debian packages are missing. Run this, as root, then the benchmark again:\n  ${command}`)
    return 1
  }
  const wanted = claims.filter(({ name }) => names.length === 0 || names.includes(name))
  console.log(await measureAll(settings, { suite, claims, peers }, wanted))
  return 0
}

async function measureAll(
  settings: Settings,
  { suite, claims, peers }: { suite: string; claims: Claim[]; peers: string[] },
  wanted: Claim[],
): Promise<string> {
  const machine = await describeMachine(settings, peers)
  const results = join(settings.checkout, 'bench', 'results')
  const file = join(results, `${suite}.json`)
  mkdirSync(results, { recursive: true })
  const found: Record<string, Measured> = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8')).claims
    : {}
  const unlock = lockDirectory(settings)
  const nginx = await startNginx(settings)
  try {
    const key = await signingKey(settings)
    for (const { name, title, measure } of wanted) {
      const findings = await measure({ settings, key, nginx })
      found[name] = { title, date: machine.date, version: machine.versions.switchyard!, ...findings }
      writeFileSync(file, `${JSON.stringify({ machine, claims: found }, null, 2)}\n`)
    }
  } finally {
    await nginx.stop()
    unlock()
  }
  const table = markdown(
    machine,
    claims.flatMap(({ name }) => found[name] ?? []),
  )
  writeFileSync(join(results, `${suite}.md`), table)
  return table
}
