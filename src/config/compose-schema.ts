import { byteStringOfText } from '../model/index.ts'
import type { Format, Selector } from './configuration.ts'
import {
  boolean,
  choice,
  defaulting,
  integer,
  list,
  located,
  object,
  optional,
  required,
  type Shape,
  shortOrLong,
  text,
} from './shape.ts'
import * as values from './values.ts'

const { anyArchitecture, component, glob, mapped, name, path } = values

const word = text('a word', value => (/^[^\s\p{Cc}]{1,200}$/u.test(value) ? value : undefined))

const day = text('a day such as `2026-11-21`', value =>
  /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined,
)

const moduleStream = text(
  'a module and its stream such as `nodejs:20`, or a module alone for its default stream',
  value => (/^[\w.+-]{1,100}(:[\w.+-]{1,100})?$/.test(value) ? value : undefined),
)

const advisoryTable = {
  id: optional(word, 'Its name, such as `EXAMPLE-2026-0001`.'),
  type: optional(choice('security', 'bugfix', 'enhancement', 'newpackage'), 'What kind it is.'),
  severity: optional(choice('Critical', 'Important', 'Moderate', 'Low', 'None'), 'At which severity.'),
  since: optional(day, 'Issued or updated on this day or later.'),
  until: optional(day, 'Issued before this day.'),
}

const selectorTable = {
  source: optional(glob, 'Glob over names of source packages.'),
  module: optional(moduleStream, "A module's stream (RPM)."),
  group: optional(word, 'Id of a group or environment of comps.xml (RPM).'),
  advisory: optional(
    shortOrLong(
      mapped(word, id => ({ id })),
      object('a map that describes advisories', advisoryTable) as Shape<{ id?: string }>,
    ) as Shape<Omit<Extract<Selector, { kind: 'advisory' }>, 'kind'>>,
    'The packages of advisories (RPM).',
  ),
}

/** What `include` and `exclude` list: a glob over package names, or a map with one key. */
const selector: Shape<Selector> = shortOrLong<Selector>(
  mapped(glob, (glob): Selector => ({ kind: 'package', glob })),
  mapped(
    object(
      'a map with one of `source`, `module`, `group`, `advisory`',
      selectorTable,
      (fields, place, reading) => {
        const given = Object.values(fields).filter(field => field !== undefined)
        if (given.length !== 1)
          reading.report({ place, found: `${given.length} of these keys`, expected: 'exactly one in a map' })
      },
    ),
    ({ source, module, group, advisory }): Selector => {
      if (source !== undefined) return { kind: 'source', glob: source }
      if (group !== undefined) return { kind: 'group', id: group }
      if (advisory !== undefined) return { kind: 'advisory', ...advisory }
      const [name, stream] = (module ?? '').split(':')
      return { kind: 'module', name: name!, stream }
    },
  ),
)

/** How metadata that we write looks. Which of these keys have a meaning depends on the format. */
const outputTable = {
  architectures: optional(
    list('a list of architectures', anyArchitecture, { least: 1 }),
    'Wanted ones. Default: those of the inputs; of uploads for apt, those of the mirrors in this file.',
  ),
  compression: optional(
    list('a list of compressions', choice('gz', 'xz', 'zst'), { least: 1 }),
    'Of the indexes. Default: `[gz]`.',
  ),
  suite: optional(located(values.releaseWord), "apt. Default: the first input's first suite."),
  codename: optional(located(values.releaseWord), 'apt. Default: as `suite`.'),
  components: optional(
    list('a list of components', component, { least: 1, most: 1 }),
    'apt. Default: `[main]`.',
  ),
  origin: optional(located(values.releaseLine), 'apt. Default: Switchyard.'),
  label: optional(located(values.releaseLine), "apt. Default: the repository's name."),
  phasing: optional(located(choice('keep', 'strip')), 'apt. Fields of phased updates. Default: keep.'),
  'valid-days': optional(located(integer(1, 3650)), 'apt. Days until it expires. Default: never.'),
}

const composeTable = {
  from: required(list('a list of repositories', name, { least: 1, most: 100 }), 'Its inputs, of one format.'),
  prefer: defaulting(
    list('a list of repositories', name),
    [],
    'Inputs whose packages win over those of others, whatever the version. Default: none.',
  ),
  include: defaulting(
    list('a list of packages', selector),
    [],
    'Globs over package names, or maps such as `{ source: GLOB }`. Default: everything.',
  ),
  exclude: defaulting(list('a list of packages', selector), [], 'Likewise. Default: nothing.'),
  'with-dependencies': defaulting(boolean, false, 'What the included ones depend on, too. Default: false.'),
  recommends: defaulting(boolean, false, 'What they recommend, too. Default: false.'),
  versions: defaulting(values.versions, 1, 'How many versions of each package, the best ones. Default: 1.'),
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

const longUploads = object('a map with `format`', {
  format: required(packageFormat, 'What is uploaded.'),
  keyring: optional(path, 'File with keys: packages without a good signature by one of them are refused.'),
  ...outputTable,
})

/** What stands under `uploads`: `deb` or `rpm`, or a map with more. */
export const uploads = shortOrLong(
  mapped(packageFormat, format => ({ ...emptyOutput, keyring: undefined, format })),
  longUploads,
)

const emptyOutput = Object.fromEntries(Object.keys(outputTable).map(key => [key, undefined])) as {
  [K in keyof typeof outputTable]: undefined
}

type Of<S> = S extends Shape<infer T> ? T : never
export type ComposeFields = Of<typeof compose>
export type UploadsFields = Of<typeof longUploads>
export type OutputFields = Pick<ComposeFields, keyof typeof outputTable>

/** The keys of an output that mean nothing to a client of the other format. */
export const aptOnly = [
  'suite',
  'codename',
  'components',
  'origin',
  'label',
  'phasing',
  'valid-days',
] as const
export const mainComponent = byteStringOfText('main')
