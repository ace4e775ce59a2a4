/** What apt, dpkg, mmdebstrap, dnf and rpm say when something went wrong; most telling first. */
const telling: readonly RegExp[] = [
  /^dpkg: (?:error|unrecoverable)/,
  /^ \S+ : (?:PreDepends|Depends|Conflicts|Breaks): /,
  /^Error in \w+ scriptlet in rpm package /,
  /scriptlet failed, /,
  /^ *Problem(?: \d+)?: /,
  /^ +- (?:nothing provides|package \S+ |conflicting requests|problem with installed|cannot install)/,
  /^ *file \S+ .*conflicts (?:with|between)/,
  /^(?:E|Err:\d+|Error|error): *(?! |Sub-process|Transaction (?:failed|test error))\S/,
  /^(?:chroot|unshare|setpriv|mount): /,
]

/** The lines of a program's output that say why it failed, at most `most`; failing all, its last ones. */
export function errorLines(output: string, most = 3): string[] {
  const lines = linesOf(output)
  const found = telling.flatMap(pattern => lines.filter(line => pattern.test(line)))
  const told = found.length > 0 ? found : lines.filter(line => line.trim() !== '').slice(-most)
  return [...new Set(told.map(line => line.trim().replace(/\s+/g, ' ')))].slice(0, most)
}

/** Whether the script of a package failed: rpm goes on then, and dnf's status says nothing of it. */
export function hasFailedScriptlet(output: string): boolean {
  return /Error in \w+ scriptlet in rpm package /.test(output)
}

function linesOf(output: string): string[] {
  // Errors come in the middle of the line that tells of progress.
  const lines = output.replace(/(?<=\S)(?=Error(?:: | in \w+ scriptlet))/g, '\n').split('\n')
  // Why a package could not be unpacked or configured stands in the line after the one that names it.
  return lines.map((line, i) => (/^dpkg: .*:$/.test(line) ? `${line}${lines[i + 1] ?? ''}` : line))
}
