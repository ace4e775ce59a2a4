/** A tree in which programs run as if it were the whole system. */
export interface Root {
  /** Where it stands while programs run in it. */
  directory: string
  /** Where files are put into it between two runs: `directory`, or the layer of an overlay. */
  files: string
  /** It is a layer over another tree, which stays as it is. */
  overlay?: { lower: string; work: string }
}

/**
 * A program that mounts a root's layer, `/proc` and a small `/dev` of its own and then runs the rest of its arguments; all in
 * namespaces of its own, where nothing need be unmounted. Its status is the program's, or 125 when it could not mount.
 * It is never given text to evaluate: everything that varies is an argument.
 */
export function mounting(root: Root | undefined, command: readonly string[]): string[] {
  const { directory = '', files = '', overlay } = root ?? {}
  const options =
    overlay === undefined
      ? ''
      : `lowerdir=${overlay.lower},upperdir=${files},workdir=${overlay.work}${overlayExtra()}`
  return ['sh', '-c', script, 'sh', directory, options, ...command]
}

/** Only root may mark files as an overlay otherwise does. */
function overlayExtra(): string {
  return process.getuid?.() === 0 ? '' : ',userxattr'
}

/** The same inside the root, which has no other tree then. */
export function inside(root: Root, command: readonly string[]): string[] {
  return mounting(root, ['chroot', root.directory, ...command])
}

const script = `
root=$1 overlay=$2
shift 2
cannot() { echo "E: cannot mount $1" >&2; exit 125; }
mount -t proc proc /proc || cannot /proc
if [ -n "$overlay" ]; then
  mount -t overlay overlay -o "$overlay" "$root" || cannot 'the layer of a root'
fi
if [ -n "$root" ]; then
  mkdir -p "$root/proc" "$root/dev"
  mount -t proc proc "$root/proc" || cannot 'its /proc'
  mount --bind "$root/proc/sys" "$root/proc/sys" && mount -o remount,ro,bind "$root/proc/sys" ||
    cannot 'its /proc/sys, which is the kernel of this machine'
  mount -t tmpfs -o mode=755 tmpfs "$root/dev" || cannot 'its /dev'
  for name in null zero full random urandom tty; do
    [ -e "/dev/$name" ] || continue
    : >"$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name" || cannot "its /dev/$name"
  done
  mkdir -m 1777 "$root/dev/shm"
  mkdir "$root/dev/pts"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts" && ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  for stream in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/\${stream%:*}" "$root/dev/\${stream#*:}"; done
fi
"$@"
exit $?
`

/** Whether a directory can be named in the options of an overlay as it is. */
export function isPlainPath(directory: string): boolean {
  return /^[\w./+-]+$/.test(directory)
}
