import {
  boolean,
  defaulting,
  dictionary,
  list,
  mapped,
  name,
  object,
  optional,
  required,
  type Shape,
  shortOrLong,
  text,
  timeout,
} from '../../config/index.ts'
import type { Name } from '../../model/index.ts'

/** Packages that are installed together. */
export interface PackageSet {
  name: string
  packages: string[]
}

export interface InstallOptions {
  sets: PackageSet[]
  upgrade: boolean
  downgrade: boolean
  /** Whose packages make the clean root; undefined: the release's own, and what its composed repositories are made from. */
  base?: Name
  /** Undefined: all of the train. */
  repositories?: Name[]
  /** For all of it, in seconds. */
  timeout: number
}

/** Never an option of a command, and nothing after which apt would remove it (`nginx-`). */
const packageName = text('the name of a package such as `nginx`', value =>
  /^[A-Za-z0-9](?:[A-Za-z0-9+._:~-]{0,198}[A-Za-z0-9+.])?$/.test(value) ? value : undefined,
)

const packages = mapped(list('a list of packages', packageName, { least: 1, most: 1000 }), located =>
  located.map(({ value }) => value),
)

const sets: Shape<PackageSet[]> = shortOrLong(
  mapped(packages, names => [{ name: names.join(' '), packages: names }]),
  mapped(dictionary('a map of sets of packages', 100, name, packages), named =>
    [...named].flatMap(([set, { value }]) => (value === undefined ? [] : [{ name: set, packages: value }])),
  ),
)

export const installOptions: Shape<InstallOptions> = mapped(
  object('a map that says what is installed', {
    packages: required(
      sets,
      'What is installed together: one list of packages, or several, each under a name of its own.',
    ),
    upgrade: defaulting(boolean, true, "Upgrade from the channel's current release as well. Default: true."),
    downgrade: defaulting(boolean, true, 'And go back to it. Default: true.'),
    base: optional(
      name,
      "For apt: the repository whose Essential packages make the clean root. Default: the release's own, and what its composed repositories are made from.",
    ),
    repositories: optional(
      list('a list of repositories', name, { least: 1, most: 1000 }),
      'Those of the train that the packages come from, where not all of them go together on one machine. Default: all.',
    ),
    timeout: defaulting(timeout, 1800, 'For all of it. Default: 30m.'),
  }),
  ({ packages: sets, base, repositories, ...rest }): InstallOptions => ({
    sets,
    ...rest,
    ...(base === undefined ? {} : { base }),
    ...(repositories === undefined ? {} : { repositories: repositories.map(({ value }) => value) }),
  }),
)
