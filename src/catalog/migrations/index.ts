import { ground } from './000001-ground.ts'
import { repositoriesByName } from './000002-repositories-by-name.ts'
import { audit } from './000003-audit.ts'
import { hosts } from './000004-hosts.ts'
import { hostReports } from './000005-host-reports.ts'
import type { Migration } from './migration.ts'

export type { Migration } from './migration.ts'

/** In order, without gaps. */
export const migrations: readonly Migration[] = [ground, repositoriesByName, audit, hosts, hostReports]
