import { z } from 'zod'
import type { ContentDiff } from '../../repository/index.ts'
import type { Yard } from '../../yard/index.ts'
import { bytes, bytesAsText, component, count, digest, name, timestamp } from './component.ts'

const fileEntry = z.looseObject({ sha256: digest, size: bytes })

const packageVersion = component(
  'PackageVersion',
  z.looseObject({
    suite: bytesAsText,
    component: bytesAsText,
    architecture: bytesAsText,
    version: bytesAsText,
    digest,
    size: bytes,
  }),
)

const changeKinds = ['added', 'removed', 'upgraded', 'downgraded', 'rebuilt'] as const

export const need = z.enum(['reboot', 'restart', 'relogin'])

const packageChange = component(
  'PackageChange',
  z.looseObject({
    kind: z.enum(changeKinds).describe('`rebuilt`: the same version with other bytes'),
    family: z.enum(['deb', 'deb-src', 'rpm']),
    name: bytesAsText,
    source: bytesAsText,
    before: packageVersion.optional(),
    after: packageVersion.optional(),
    needs: need.optional().describe('What a host with this package must do after the change'),
    changelog: z.string().optional().describe('The entries newer than the version before'),
    lostChangelog: z
      .string()
      .optional()
      .describe('Of a downgraded one: the entries that its new version does not have'),
  }),
)

const advisoryChange = component(
  'AdvisoryChange',
  z.looseObject({
    kind: z
      .enum(['new', 'updated'])
      .describe('`updated`: it was there already, and says that it was updated'),
    id: z.string(),
    type: z.string().describe('`security`, `bugfix`, `enhancement`, `newpackage` or another word'),
    severity: z.string().describe('As its publisher grades it; empty where it does not'),
    title: z.string(),
    cves: z.array(z.string()),
    bugs: count.describe('How many reports of bugs it refers to'),
    issued: timestamp.optional(),
    updated: timestamp.optional(),
    needs: need.optional().describe('What it suggests after the update'),
    packages: z
      .array(
        z.looseObject({
          name: bytesAsText,
          architecture: bytesAsText,
          version: bytesAsText,
          needs: need.optional().describe('What it suggests for this package'),
        }),
      )
      .describe('The packages among the changes that bring what it asks for'),
  }),
)

const moduleChange = component(
  'ModuleChange',
  z.looseObject({
    name: z.string(),
    defaultStream: z
      .looseObject({ before: z.string().optional(), after: z.string().optional() })
      .optional()
      .describe('Where it is another one'),
    streams: z.array(
      z.looseObject({
        stream: z.string(),
        kind: z.enum(['added', 'removed', 'changed']),
        addedPackages: z.array(z.string()).describe('As name-epoch:version-release.architecture'),
        removedPackages: z.array(z.string()),
      }),
    ),
  }),
)

const fileChange = component(
  'FileChange',
  z.looseObject({ path: bytesAsText, before: fileEntry.optional(), after: fileEntry.optional() }),
)

const place = z.looseObject({ repository: name, timestamp })

export const changeCount = z.looseObject({
  added: count,
  removed: count,
  upgraded: count,
  downgraded: count,
  rebuilt: count,
})

const contentFields = {
  packages: z.array(packageChange),
  count: changeCount,
  removedBytes: bytes,
  addedBytes: bytes,
  advisories: z.array(advisoryChange).describe('Those that come in, security first; APT has none'),
  lostAdvisories: z
    .array(advisoryChange)
    .describe('Those that are lost where packages go back behind what they ask for'),
  modules: z.array(moduleChange).describe('Those that changed; APT has none'),
  notes: z.array(z.string()).describe('What could not be told, and why'),
  files: z.array(fileChange).optional(),
}

export const contentDiff = component<ContentDiff>('ContentDiff', z.looseObject(contentFields))

export const snapshotDiff = component<Awaited<ReturnType<Yard['diff']>>>(
  'SnapshotDiff',
  z.looseObject({ from: place, to: place, ...contentFields }),
)
