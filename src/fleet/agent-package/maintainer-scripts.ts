/** The units that a package may start and stop. Never the service: it may be applying the very release that this package is not in. */
const units = 'switchyard-agent.path switchyard-agent.timer'

/** `first` is the shell's condition for a first installation. In an image or a chroot units are enabled and nothing is started. */
function configured(first: string): string {
  return `command -v systemd-tmpfiles >/dev/null && systemd-tmpfiles --create switchyard-agent.conf || true
if command -v systemctl >/dev/null; then
  if ${first}; then systemctl preset ${units} || true; fi
  if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || true
    if ${first}; then systemctl start ${units} || true; fi
  fi
fi
`
}

/** Removed for good, not replaced by another version. */
const disable = `if command -v systemctl >/dev/null; then
  systemctl disable ${units} || true
  if [ -d /run/systemd/system ]; then systemctl stop ${units} || true; fi
fi
`

const reload = 'if [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi\n'

export const debScripts = {
  postinst: `#!/bin/sh
set -e
[ "$1" = configure ] || exit 0
${configured('[ -z "$2" ]')}`,
  prerm: `#!/bin/sh
set -e
[ "$1" = remove ] || exit 0
${disable}`,
  postrm: `#!/bin/sh
set -e
case "$1" in
  remove) ${reload.trim()} ;;
  purge) rm -rf /etc/switchyard-agent /var/lib/switchyard-agent ;;
esac
`,
}

/** rpm hands over how many versions of the package there are afterwards. What the host is enrolled with stays when it is removed. */
export const rpmScripts = {
  post: configured('[ "$1" -eq 1 ]'),
  preun: `[ "$1" -eq 0 ] || exit 0\n${disable}`,
  postun: reload,
}
