import { isUtf8 } from 'node:buffer'
import { rmdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { YardError } from '../../model/index.ts'
import { checkRefName, encodeRef, misplacedRef, takenRef } from '../ref-name.ts'
import { maximumRefBytes, type Refs } from '../refs.ts'
import type { Directories } from './directories.ts'
import { errnoOf, onDisk } from './disk-error.ts'
import { createFile, type NewFile, writeFiles } from './durable-write.ts'
import type { Layout } from './layout.ts'
import { namesIn } from './names-in.ts'
import { readSmallFile } from './read-small-file.ts'
import { removeIfThere } from './remove-file.ts'
import { createStatCache, exactStatOf } from './stat-cache.ts'

/** Refs as files `refs/NAME`. What was read is remembered; each call asks one stat whether it still holds. */
export function createFsRefs(layout: Layout, directories: Directories): Refs {
  const texts = createStatCache<string>(textBytes)
  const listings = createStatCache<string[]>(listingNames)

  async function read(name: string): Promise<string | undefined> {
    const path = `${layout.refs}/${name}`
    const stats = exactStatOf(path)
    if (stats === undefined || !stats.isFile()) return undefined
    const known = texts.find(path, stats)
    if (known !== undefined) return known
    if (stats.size > maximumRefBytes) throw damaged(name, `it has ${stats.size} bytes`)
    const bytes = await readSmallFile(path, maximumRefBytes)
    if (bytes === undefined) return undefined
    if (!isUtf8(bytes)) throw damaged(name, 'it is not UTF-8')
    const text = bytes.toString('utf8')
    texts.keep(path, stats, text, bytes.length)
    return text
  }

  function list(directory: string): string[] {
    const path = directory === '' ? layout.refs : `${layout.refs}/${directory}`
    const stats = exactStatOf(path)
    if (stats === undefined || !stats.isDirectory()) return []
    const known = listings.find(path, stats)
    if (known !== undefined) return known.slice()
    const names = namesIn(path).sort()
    listings.keep(path, stats, names, names.length + 1)
    return names.slice()
  }

  async function placing<T>(name: string, text: string, work: (file: NewFile) => Promise<T>): Promise<T> {
    const target = `${layout.refs}/${checkRefName(name)}`
    const bytes = encodeRef(name, text)
    if (exactStatOf(target)?.isDirectory()) throw misplacedRef(name)
    return onDisk(`cannot write ref ${name}`, layout.root, () =>
      work({ target, bytes, mode: 0o644 }).catch(error => {
        throw misplacing.has(errnoOf(error) ?? '') ? misplacedRef(name) : error
      }),
    )
  }

  async function remove(name: string): Promise<void> {
    const path = `${layout.refs}/${checkRefName(name)}`
    await onDisk(`cannot remove ref ${name}`, layout.root, async () => {
      if (!removeIfThere(path)) return
      await directories.sync(dirname(path))
      removeEmpty(dirname(path), layout.refs)
    })
  }

  return {
    read: async name => onDisk(`cannot read ref ${checkRefName(name)}`, layout.root, () => read(name)),
    write: (name, text) => placing(name, text, file => writeFiles(layout, directories, [file])),
    async create(name, text) {
      if (!(await placing(name, text, file => createFile(layout, directories, file)))) throw takenRef(name)
    },
    remove,
    list: async directory =>
      onDisk(`cannot list refs in ${directory === '' ? 'refs' : checkRefName(directory)}`, layout.root, () =>
        list(directory),
      ),
  }
}

/** What is remembered at most: bytes of refs, and names in listings. */
const textBytes = 32 * 1024 * 1024
const listingNames = 200_000

/** What the system says when a ref stands where a directory should be, or the other way round. */
const misplacing = new Set(['ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY'])

function damaged(name: string, problem: string): YardError {
  return new YardError('damaged', `the ref ${name} is damaged: ${problem}; nothing was changed`, {
    hint: 'run switchyard fsck --repair',
  })
}

/** Removes the directory and those above it as long as they are empty, but for `top`: a listing shows no empty directory. */
function removeEmpty(directory: string, top: string): void {
  for (let at = directory; at !== top; at = dirname(at))
    try {
      rmdirSync(at)
    } catch {
      return
    }
}
