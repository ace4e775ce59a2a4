import { YardError } from '../model/index.ts'
import { findProgram } from './find-program.ts'
import { mounting } from './root.ts'
import { runProgram } from './run-program.ts'

/**
 * The words in front of a command that give it mounts, processes and a host name of its own: whatever it mounts and starts ends with it,
 * and it ends with us, kill -9 included. Who is not root becomes root of a user namespace.
 * @throws YardError `unavailable` with what is missing, where this machine does not allow it.
 */
export async function ownNamespaces(): Promise<readonly string[]> {
  const isRoot = process.getuid?.() === 0
  const [unshare, setpriv] = [await needed('unshare'), await needed('setpriv')]
  // A change of user takes back that we are told of our parent's end, so that comes after it.
  const user = isRoot ? [] : [unshare, '--user', '--map-root-user', '--map-auto', '--']
  const words = [
    ...user,
    ...[setpriv, '--pdeathsig', 'KILL'],
    ...[unshare, '--mount', '--uts', '--ipc', '--pid', '--fork', '--kill-child', '--'],
  ]
  const [command, ...args] = [...words, ...mounting(undefined, ['true'])]
  const probe = await runProgram({ command: command!, args, timeLimit: 10, outputLimit: 2000 })
  if (probe.status === 0) return words
  throw new YardError('unavailable', `no clean root can be made here: ${firstLine(probe.output)}`, {
    hint: isRoot
      ? 'this container may not mount: give it CAP_SYS_ADMIN'
      : 'run as root; or allow user namespaces, install uidmap, and give this user ids in /etc/subuid and /etc/subgid',
  })
}

async function needed(command: string): Promise<string> {
  const file = await findProgram(command)
  if (file !== undefined) return file
  throw new YardError('unavailable', `no clean root can be made here: ${command} is missing`, {
    hint: 'install util-linux',
  })
}

function firstLine(output: string): string {
  return output.split('\n').find(line => line.trim() !== '') ?? 'this machine does not allow it'
}
