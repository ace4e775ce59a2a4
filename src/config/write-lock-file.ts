import { Document, isMap, isScalar, Pair, Scalar, YAMLMap } from 'yaml'
import { YardError } from '../model/index.ts'
import type { LockedState } from './lock-file.ts'
import { parseYaml } from './yaml-document.ts'

const head = ` Which release every channel is on, what these releases are made of, and the digests of every snapshot's trees.
 Keep it in git beside switchyard.yaml. Commands that move a channel write it; when you change it by hand,
 \`switchyard plan\` shows what would happen and \`switchyard apply\` does it.`

/**
 * The text of a lock file that says `state`. With `text`, its content until now, comments stay, and entries stay in the
 * order in which they stand; what is new comes where it belongs among sorted names, what is gone goes with its comments.
 * @throws YardError `configuration` when `text` is no map in YAML.
 */
export function writeLockFile(file: string, text: string | undefined, state: LockedState): string {
  const document = text === undefined ? newDocument() : parseYaml(file, text)
  if (document.contents === null) document.contents = newDocument().contents
  const root = document.contents
  if (document.errors.length > 0 || !isMap(root))
    throw new YardError('configuration', `${file} is no map in YAML; it was left as it is`, {
      hint: 'correct it, or remove it: then it is written anew',
    })
  const order = ['version', ...Object.keys(tablesOf(state))]
  for (const [name, table] of Object.entries(tablesOf(state))) merge(root, order, name, table)
  return document.toString({ lineWidth: 0 })
}

/** What stands in a map: text, or another map. */
type Table = Map<string, string | Table>

function tablesOf({ channels, releases, snapshots }: LockedState): Record<string, Table> {
  return {
    channels: sorted([...channels].map(([key, { train, release }]) => [key, `${train}@${release}`])),
    releases: sorted(
      [...releases].map(([key, { train, snapshots, bumpOf, why }]) => [
        key,
        new Map<string, string | Table>([
          ...(bumpOf === undefined ? [] : [['bump-of', `${train}@${bumpOf}`] as const]),
          ...(why === undefined ? [] : [['why', why] as const]),
          [
            'snapshots',
            sorted(
              [...snapshots].map(([name, { repository, timestamp }]) => [name, `${repository}@${timestamp}`]),
            ),
          ],
        ]),
      ]),
    ),
    snapshots: sorted(
      [...snapshots].map(([key, { files, packages }]) => [
        key,
        new Map([
          ['files', files],
          ['packages', packages],
        ]),
      ]),
    ),
  }
}

function sorted(entries: [string, string | Table][]): Table {
  return new Map(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function newDocument(): Document {
  const document = new Document({ version: 1 })
  document.commentBefore = head
  return document
}

/** Makes the map under `name` hold the table's entries and no others. `order`: the names beside it, in their order. */
function merge(parent: YAMLMap, order: string[], name: string, table: Table): void {
  const pair = parent.items.find(item => keyOf(item) === name)
  const map = isMap(pair?.value) ? pair.value : mapInsteadOf(pair?.value)
  map.items = map.items.filter(item => table.has(keyOf(item)))
  // What was `{}` would stay on one line.
  if (map.items.length === 0) map.flow = false
  const keys = [...table.keys()]
  for (const [key, value] of table) {
    if (typeof value !== 'string') merge(map, keys, key, value)
    else setText(map, keys, key, value)
  }
  if (pair === undefined) insert(parent, order, name, map)
  else pair.value = map
}

/** Where a key had no value, there may be a comment all the same. */
function mapInsteadOf(value: unknown): YAMLMap {
  const map = new YAMLMap()
  const comments = isScalar(value) ? [value.commentBefore, value.comment].filter(text => text != null) : []
  if (comments.length > 0) map.commentBefore = comments.join('\n')
  return map
}

function setText(map: YAMLMap, order: string[], key: string, value: string): void {
  const pair = map.items.find(item => keyOf(item) === key)
  if (pair === undefined) insert(map, order, key, new Scalar(value))
  else if (!isScalar(pair.value)) pair.value = new Scalar(value)
  else if (pair.value.value !== value) pair.value.value = value
}

/** Behind the nearest of those that stand before it in `order`. */
function insert(map: YAMLMap, order: string[], key: string, value: Scalar | YAMLMap): void {
  const before = order.slice(0, order.indexOf(key))
  const place = map.items.findLastIndex(item => before.includes(keyOf(item)))
  map.items.splice(place + 1, 0, new Pair(new Scalar(key), value))
}

function keyOf({ key }: Pair): string {
  if (!isScalar(key)) return ''
  return typeof key.value === 'string' ? key.value : (key.source ?? '')
}
