import type { ByteString } from '../../model/index.ts'
import type { Header } from './header.ts'
import { dependenciesOf, type HeaderDependency, headerFault, sameLength } from './header-lists.ts'
import { type Tag, tags } from './tags.ts'

/** Under the names of the spec file's sections. */
export type ScriptletKind =
  | 'pretrans'
  | 'pre'
  | 'post'
  | 'preun'
  | 'postun'
  | 'posttrans'
  | 'preuntrans'
  | 'postuntrans'
  | 'verifyscript'

/** What rpm runs when it installs, removes or verifies the package. */
export interface RpmScriptlet {
  kind: ScriptletKind
  /** Undefined where only the program runs. */
  script: ByteString | undefined
  /** Program and options: `/bin/sh`, `<lua>`; empty means `/bin/sh`. */
  program: ByteString[]
  /** rpmscriptFlags: macros to expand (1), query format to expand (2), and more. */
  flags: number
}

/** What rpm runs when other packages, or files below some paths, come and go. */
export interface RpmTrigger {
  /** Package triggers, file triggers, and file triggers that run once a transaction. */
  scope: 'package' | 'file' | 'transaction'
  on: 'prein' | 'in' | 'un' | 'postun' | undefined
  script: ByteString
  program: ByteString
  flags: number
  /** Which packages, or which paths' beginnings. */
  conditions: HeaderDependency[]
  /** Of file triggers: higher ones run first. */
  priority: number | undefined
}

const scriptlets: [ScriptletKind, Tag<'string'>, Tag<'strings'>, Tag<'number'>][] = [
  ['pretrans', tags.PRETRANS, tags.PRETRANSPROG, tags.PRETRANSFLAGS],
  ['pre', tags.PREIN, tags.PREINPROG, tags.PREINFLAGS],
  ['post', tags.POSTIN, tags.POSTINPROG, tags.POSTINFLAGS],
  ['preun', tags.PREUN, tags.PREUNPROG, tags.PREUNFLAGS],
  ['postun', tags.POSTUN, tags.POSTUNPROG, tags.POSTUNFLAGS],
  ['posttrans', tags.POSTTRANS, tags.POSTTRANSPROG, tags.POSTTRANSFLAGS],
  ['preuntrans', tags.PREUNTRANS, tags.PREUNTRANSPROG, tags.PREUNTRANSFLAGS],
  ['postuntrans', tags.POSTUNTRANS, tags.POSTUNTRANSPROG, tags.POSTUNTRANSFLAGS],
  ['verifyscript', tags.VERIFYSCRIPT, tags.VERIFYSCRIPTPROG, tags.VERIFYSCRIPTFLAGS],
]

/** Where the triggers of one scope stand in a header. */
interface TriggerTags {
  scope: RpmTrigger['scope']
  scripts: Tag<'strings'>
  programs: Tag<'strings'>
  flags: Tag<'numbers'>
  names: Tag<'strings'>
  senses: Tag<'numbers'>
  versions: Tag<'strings'>
  indexes: Tag<'numbers'>
  priorities: Tag<'numbers'> | undefined
}

const triggers: TriggerTags[] = [
  {
    scope: 'package',
    scripts: tags.TRIGGERSCRIPTS,
    programs: tags.TRIGGERSCRIPTPROG,
    flags: tags.TRIGGERSCRIPTFLAGS,
    names: tags.TRIGGERNAME,
    senses: tags.TRIGGERFLAGS,
    versions: tags.TRIGGERVERSION,
    indexes: tags.TRIGGERINDEX,
    priorities: undefined,
  },
  {
    scope: 'file',
    scripts: tags.FILETRIGGERSCRIPTS,
    programs: tags.FILETRIGGERSCRIPTPROG,
    flags: tags.FILETRIGGERSCRIPTFLAGS,
    names: tags.FILETRIGGERNAME,
    senses: tags.FILETRIGGERFLAGS,
    versions: tags.FILETRIGGERVERSION,
    indexes: tags.FILETRIGGERINDEX,
    priorities: tags.FILETRIGGERPRIORITIES,
  },
  {
    scope: 'transaction',
    scripts: tags.TRANSFILETRIGGERSCRIPTS,
    programs: tags.TRANSFILETRIGGERSCRIPTPROG,
    flags: tags.TRANSFILETRIGGERSCRIPTFLAGS,
    names: tags.TRANSFILETRIGGERNAME,
    senses: tags.TRANSFILETRIGGERFLAGS,
    versions: tags.TRANSFILETRIGGERVERSION,
    indexes: tags.TRANSFILETRIGGERINDEX,
    priorities: tags.TRANSFILETRIGGERPRIORITIES,
  },
]

export function scriptletsOf(header: Header): RpmScriptlet[] {
  return scriptlets.flatMap(([kind, script, program, flags]) =>
    header.has(script) || header.has(program)
      ? [
          {
            kind,
            script: header.get(script),
            program: header.get(program) ?? [],
            flags: header.get(flags) ?? 0,
          },
        ]
      : [],
  )
}

/** @throws YardError `invalid` when the lists that describe them do not match. */
export function triggersOf(header: Header, object: string): RpmTrigger[] {
  return triggers.flatMap(tagged => triggersOfScope(header, tagged, object))
}

function triggersOfScope(header: Header, tagged: TriggerTags, object: string): RpmTrigger[] {
  const scripts = header.get(tagged.scripts)
  if (scripts === undefined) return []
  const optional = (tag: Tag<'numbers'> | undefined) =>
    tag === undefined || !header.has(tag) ? undefined : sameLength(header, tag, scripts.length, object)
  const flags = optional(tagged.flags)
  const priorities = optional(tagged.priorities)
  const programs = sameLength(header, tagged.programs, scripts.length, object)
  const conditions = conditionsOf(header, tagged, scripts.length, object)
  return scripts.map((script, i) => ({
    scope: tagged.scope,
    on: momentOf(conditions[i]![0]?.sense ?? 0),
    script,
    program: programs[i]!,
    flags: flags?.[i] ?? 0,
    conditions: conditions[i]!,
    priority: priorities?.[i],
  }))
}

/** The conditions of each script. */
function conditionsOf(
  header: Header,
  tagged: TriggerTags,
  scripts: number,
  object: string,
): HeaderDependency[][] {
  const all = dependenciesOf(header, tagged.names, tagged.senses, tagged.versions, object)
  const indexes = sameLength(header, tagged.indexes, all.length, object)
  const conditions: HeaderDependency[][] = Array.from({ length: scripts }, () => [])
  for (let i = 0; i < all.length; i++) {
    const ofScript = conditions[indexes[i]!]
    if (ofScript === undefined)
      throw headerFault(object, tagged.indexes, `has ${indexes[i]}, beyond its scripts`)
    ofScript.push(all[i]!)
  }
  return conditions
}

function momentOf(sense: number): RpmTrigger['on'] {
  if ((sense & (1 << 25)) !== 0) return 'prein'
  if ((sense & (1 << 16)) !== 0) return 'in'
  if ((sense & (1 << 17)) !== 0) return 'un'
  if ((sense & (1 << 18)) !== 0) return 'postun'
  return undefined
}
