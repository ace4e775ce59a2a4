import type { Refs } from './refs.ts'

/**
 * Two views of the same refs. `brief` answers reads and listings again from memory for `milliseconds`, so that a busy
 * server does not ask the disk at each request; what this process writes through either view is seen by both at once, what
 * another process writes after that time at most.
 * @param clock milliseconds on a monotonic clock.
 */
export function briefReads(
  refs: Refs,
  milliseconds: number,
  clock: () => number,
): { refs: Refs; brief: Refs } {
  const reads = new Map<string, { at: number; answer: Promise<string | undefined> }>()
  const lists = new Map<string, { at: number; answer: Promise<string[]> }>()
  /** Before, so that nobody reads the old bytes after; and again after, for who asked meanwhile. */
  const changing = async (work: () => Promise<void>): Promise<void> => {
    forget()
    try {
      await work()
    } finally {
      forget()
    }
  }
  const forget = () => {
    reads.clear()
    lists.clear()
  }
  const writes = {
    write: (name: string, text: string) => changing(() => refs.write(name, text)),
    create: (name: string, text: string) => changing(() => refs.create(name, text)),
    remove: (name: string) => changing(() => refs.remove(name)),
  }
  return {
    refs: { ...refs, ...writes },
    brief: {
      ...writes,
      read: name => remembered(reads, name, () => refs.read(name)),
      list: directory => remembered(lists, directory, () => refs.list(directory)),
    },
  }

  function remembered<T>(
    memory: Map<string, { at: number; answer: Promise<T> }>,
    key: string,
    ask: () => Promise<T>,
  ): Promise<T> {
    const now = clock()
    const known = memory.get(key)
    if (known !== undefined && now - known.at < milliseconds) return known.answer
    if (memory.size >= mostNames) memory.clear()
    const answer = ask()
    memory.set(key, { at: now, answer })
    answer.catch(() => memory.delete(key))
    return answer
  }
}

/** A server asks for a few names again and again; who asks for many does not make it keep them. */
const mostNames = 1_000
