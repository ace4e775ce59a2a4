import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { YardError } from '../model/index.ts'
import { ownNamespaces } from './namespaces.ts'
import { inside, isPlainPath, mounting, type Root } from './root.ts'
import { type ProgramRequest, type ProgramResult, runProgram } from './run-program.ts'
import { leftScratches, makeScratch } from './scratch.ts'

/**
 * A place where roots are made and programs run in them. Every program has mounts and processes of its own, so that
 * nothing stays mounted or running whatever happens to it or to us. The scripts of packages run as root there: this keeps
 * them from mixing with the machine, not from attacking it.
 */
export interface Sandbox {
  /** Absolute; removed at the end with all that is in it. */
  directory: string
  /** Writes a file below a directory; the directories above it are made. */
  write(file: string, text: string, mode?: number): Promise<void>
  /** A tree of its own in an empty directory. */
  emptyRoot(): Promise<Root>
  /** A tree that begins as another one, which stays as it is: a layer over it, or where that cannot be a copy. */
  rootOver(directory: string): Promise<Root>
  /** Removes a root before the end. */
  discard(root: Root): Promise<void>
  /** Runs a program of this machine with the right to make roots. */
  run(request: ProgramRequest): Promise<ProgramResult>
  /** Runs a program of this machine while a root is mounted at its `directory`. */
  runBeside(root: Root, request: ProgramRequest): Promise<ProgramResult>
  /** Runs a program inside a root. */
  runInside(root: Root, request: ProgramRequest): Promise<ProgramResult>
}

/**
 * Opens a sandbox for the time of `work`.
 * @throws YardError `unavailable` with what is missing, when this process may not make roots.
 */
export async function withSandbox<T>(work: (sandbox: Sandbox) => Promise<T>): Promise<T> {
  const namespaces = await ownNamespaces()
  for (const left of await leftScratches()) await remove(namespaces, left)
  const directory = await realpath(await makeScratch())
  try {
    return await work(sandboxIn(directory, namespaces))
  } finally {
    await remove(namespaces, directory)
  }
}

function sandboxIn(directory: string, namespaces: readonly string[]): Sandbox {
  let canOverlay: boolean | undefined
  const run = (request: ProgramRequest, words: readonly string[]) => {
    const [command, ...args] = [...namespaces, ...words]
    return runProgram({ ...request, command: command!, args })
  }
  const sandbox: Sandbox = {
    directory,
    async write(file, text, mode = 0o644) {
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, text, { mode })
    },
    async emptyRoot() {
      const files = join(await mkdtemp(join(directory, 'root-')), 'root')
      await mkdir(files, { mode: 0o755 })
      return { directory: files, files }
    },
    async rootOver(lower) {
      const place = await mkdtemp(join(directory, 'root-'))
      const [files, work, mounted] = [join(place, 'files'), join(place, 'work'), join(place, 'root')]
      for (const made of [files, work, mounted]) await mkdir(made, { mode: 0o755 })
      const layer: Root = { directory: mounted, files, overlay: { lower, work } }
      canOverlay ??= await overlays(layer)
      if (canOverlay) return layer
      await copy(lower, mounted)
      return { directory: mounted, files: mounted }
    },
    discard: root => remove(namespaces, dirname(root.directory)),
    run: request => run(request, mounting(undefined, wordsOf(request))),
    runBeside: (root, request) => run(request, mounting(root, wordsOf(request))),
    runInside: (root, request) => run(request, inside(root, wordsOf(request))),
  }
  return sandbox

  async function overlays(layer: Root): Promise<boolean> {
    if (!isPlainPath(layer.directory) || !isPlainPath(layer.overlay!.lower)) return false
    // In some containers it can be mounted, and what dpkg does all the time cannot be done in it.
    const args = [
      '-ec',
      'mkdir "$1/.one"; mv "$1/.one" "$1/.other"; rmdir "$1/.other"',
      'sh',
      layer.directory,
    ]
    return (await sandbox.runBeside(layer, { command: 'sh', args, ...briefly })).status === 0
  }

  async function copy(from: string, to: string): Promise<void> {
    const args = ['-a', '--reflink=auto', '--', `${from}/.`, to]
    const { status, output } = await sandbox.run({ command: 'cp', args, ...briefly })
    if (status !== 0) throw new YardError('unavailable', `a root could not be copied: ${output.trim()}`)
  }
}

/** For what only moves files about. */
const briefly = { timeLimit: 600, outputLimit: 2000 }

function wordsOf({ command, args = [] }: ProgramRequest): string[] {
  return [command, ...args]
}

/** What others own in a user namespace only its root may remove. */
async function remove(namespaces: readonly string[], directory: string): Promise<void> {
  const [command, ...args] = [...namespaces, 'rm', '-rf', '--one-file-system', '--', directory]
  await runProgram({ command: command!, args, ...briefly })
}
