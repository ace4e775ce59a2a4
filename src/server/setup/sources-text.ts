import type { ByteString, SuiteRecord } from '../../model/index.ts'
import { isFlat } from '../../upstream/index.ts'

/** What a client's sources.list(5) entry is made from. */
export interface SourcesFacts {
  /** For the comment: what it points at. */
  title: string
  /** Further lines of the comment. */
  remarks: string[]
  /** Of the tree that is served, with a final slash. */
  uri: string
  suites: (SuiteRecord & { sources: boolean })[]
  /** Armoured; undefined where the operator trusts the upstream unverified. */
  keys: string | undefined
  /** Release files are as they were when they were new: they must stay valid whatever Valid-Until said then. */
  dated: boolean
}

/** A deb822 file for /etc/apt/sources.list.d: one stanza for suites that differ in nothing else. */
export function sourcesText(facts: SourcesFacts): string {
  const groups = new Map<string, string[]>()
  for (const suite of facts.suites) {
    const key = stanzaOf(facts, suite, '\0')
    groups.set(key, [...(groups.get(key) ?? []), suite.suite])
  }
  const stanzas = [...groups].map(([stanza, names]) => stanza.replace('\0', names.join(' ')))
  const comment = [facts.title, ...facts.remarks].map(line => `# ${line}\n`)
  return `${comment.join('')}${stanzas.join('\n')}`
}

function stanzaOf(facts: SourcesFacts, suite: SourcesFacts['suites'][number], names: string): string {
  const fields = [
    `Types: deb${suite.sources ? ' deb-src' : ''}`,
    `URIs: ${facts.uri}`,
    `Suites: ${names}`,
    ...listField('Components', isFlat(suite.suite) ? [] : suite.components),
    ...listField(
      'Architectures',
      suite.architectures.filter(name => name !== 'all' && name !== 'source'),
    ),
    ...(facts.dated ? ['Check-Valid-Until: no'] : []),
    // A newer apt would otherwise look for snapshots where its vendor keeps them.
    'Snapshot: disable',
    facts.keys === undefined ? 'Trusted: yes' : `Signed-By:\n${inlined(facts.keys)}`,
  ]
  return `${fields.join('\n')}\n`
}

function listField(name: string, values: ByteString[]): string[] {
  return values.length === 0 ? [] : [`${name}: ${words(values).join(' ')}`]
}

/** Values come from somebody else's metadata: what is not a plain word cannot be said in this file and is left out. */
function words(values: ByteString[]): string[] {
  return values.filter(value => /^[\w.+~:/-]+$/.test(value))
}

/** A key as the continuation of a field: each line indented, an empty one as a dot. */
function inlined(armoured: string): string {
  return armoured
    .trimEnd()
    .split(/\r?\n/)
    .map(line => (line.trim() === '' ? ' .' : ` ${line}`))
    .join('\n')
}
