import { shortOrLong } from './alternatives.ts'
import type { Format } from './configuration.ts'
import { defaulting, object, optional, required } from './object.ts'
import { selector } from './selector-schema.ts'
import { boolean, choice, integer, list, located, mapped, type Shape } from './shape.ts'
import * as values from './values.ts'

const { anyArchitecture, component, name, path } = values

/** What only a client of apt reads. */
const aptOutputTable = {
  suite: optional(
    located(values.releaseWord),
    "apt only. Default: the first input's first suite, for uploads the repository's name.",
  ),
  codename: optional(located(values.releaseWord), 'apt only. Default: as `suite`.'),
  components: optional(
    located(list('a list of components', component, { least: 1, most: 1 })),
    'apt only. Default: `[main]`.',
  ),
  origin: optional(located(values.releaseLine), 'apt only. Default: Switchyard.'),
  label: optional(located(values.releaseLine), "apt only. Default: the repository's name."),
  phasing: optional(located(choice('keep', 'strip')), 'apt only. Fields of phased updates. Default: keep.'),
  'valid-days': optional(located(integer(1, 3650)), 'apt only. Days until it expires. Default: never.'),
}

export const aptOnly = Object.keys(aptOutputTable) as (keyof typeof aptOutputTable)[]

/** How metadata that we write looks. */
const outputTable = {
  architectures: optional(
    list('a list of architectures', anyArchitecture, { least: 1 }),
    'Wanted ones; neutral packages come with every one. Default: those of the inputs; for uploads of deb those of the mirrors in this file, of rpm all.',
  ),
  compression: optional(
    list('a list of compressions', choice('gz', 'xz', 'zst'), { least: 1 }),
    'Of the metadata: `gz` and `xz` for apt, `gz` or `zst` for dnf. Default: `[gz]`.',
  ),
  ...aptOutputTable,
}

const composeTable = {
  from: required(
    list('a list of repositories', name, { least: 1, most: 100 }),
    'Its inputs: repositories of this file, all for apt or all for dnf.',
  ),
  prefer: defaulting(
    list('a list of repositories', name),
    [],
    'Inputs whose packages win over those of others, whatever the version. Default: none.',
  ),
  include: defaulting(
    list('a list of packages', selector),
    [],
    'What is taken: globs over names of packages, or selectors. Default: everything.',
  ),
  exclude: defaulting(
    list('a list of packages', selector),
    [],
    'What is left out, even where `include` or a dependency names it. Default: nothing.',
  ),
  'with-dependencies': defaulting(boolean, false, 'What the included ones depend on, too. Default: false.'),
  recommends: defaulting(boolean, false, 'What they recommend, too. Default: false.'),
  versions: defaulting(
    values.versions,
    1,
    'How many versions of each package and architecture, the best ones. Default: 1.',
  ),
  ...outputTable,
}

/** What stands under `compose`. */
export const compose = object(
  'a map that describes a composition',
  composeTable,
  (fields, place, reading) => {
    if (fields.recommends && !fields['with-dependencies'])
      reading.report({ place, found: '`recommends` alone', expected: '`with-dependencies: true` beside it' })
  },
)

/** The format by what its packages are called. */
const packageFormat: Shape<Format> = mapped(choice('deb', 'rpm'), kind => (kind === 'deb' ? 'apt' : 'dnf'))

type Of<S> = S extends Shape<infer T> ? T : never
export type ComposeFields = Of<typeof compose>
export type OutputFields = Partial<Pick<ComposeFields, keyof typeof outputTable>>
export type UploadsFields = OutputFields & { format: Format; keyring?: string | undefined }

/** What stands under `uploads`: `deb` or `rpm`, or a map with more. */
export const uploads = shortOrLong<UploadsFields>(
  mapped(packageFormat, format => ({ format })),
  object(
    'a map with `format`',
    {
      format: required(packageFormat, 'What is uploaded.'),
      keyring: optional(
        path,
        'rpm only. File with keys: a package without a good signature by one of them is refused. Default: none is asked for.',
      ),
      ...outputTable,
    },
    (fields, place, reading) => {
      if (fields.format === 'apt' && fields.keyring !== undefined)
        reading.report({
          place,
          found: '`keyring` with `format: deb`',
          expected:
            'it only with `format: rpm`: .deb files are not signed one by one, but by the Release that lists them',
        })
    },
  ),
)
