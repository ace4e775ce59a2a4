import { checkRefName, encodeRef, misplacedRef, takenRef } from '../ref-name.ts'
import type { Refs } from '../refs.ts'

/** Refs that live as long as the process. `kept` is open to tests that want to damage it. */
export function createMemoryRefs(kept: Map<string, string> = new Map()): Refs {
  function checkPlace(name: string): void {
    const parts = checkRefName(name).split('/')
    const parents = parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'))
    const taken = parents.some(parent => kept.has(parent))
    if (!taken && ![...kept.keys()].some(other => other.startsWith(`${name}/`))) return
    throw misplacedRef(name)
  }

  return {
    read: async name => kept.get(checkRefName(name)),
    async write(name, text) {
      checkPlace(name)
      kept.set(name, encodeRef(name, text).toString('utf8'))
    },
    async create(name, text) {
      checkPlace(name)
      if (kept.has(name)) throw takenRef(name)
      kept.set(name, encodeRef(name, text).toString('utf8'))
    },
    async remove(name) {
      kept.delete(checkRefName(name))
    },
    async list(directory) {
      const prefix = directory === '' ? '' : `${checkRefName(directory)}/`
      const below = [...kept.keys()].filter(name => name.startsWith(prefix))
      return [...new Set(below.map(name => name.slice(prefix.length).split('/')[0]!))].sort()
    },
  }
}
