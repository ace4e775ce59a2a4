/** What wakes the agent. */
const wakers = 'switchyard-agent.path switchyard-agent.timer'
const listener = 'switchyard-agent-listen.service'

/** For the forms of the package. */
export interface ScriptOptions {
  /** Puts what the agent runs on beside it; empty for the light form. */
  settle: string
  /** Takes away what `settle` made. */
  unsettle: string
}

/**
 * The service itself is never started, stopped or restarted: it may be at work, and whatever it runs would die with it. In an image or a
 * chroot units are enabled, as the host's presets say, and nothing is started.
 * @param first the shell's condition for a first installation.
 */
function configured(first: string, { settle }: ScriptOptions): string {
  return `${settle}systemd-sysusers switchyard-agent.conf
systemd-tmpfiles --create switchyard-agent.conf
if ${first}; then systemctl preset ${wakers}; fi
[ -d /run/systemd/system ] || exit 0
systemctl daemon-reload
if ${first}; then
  for unit in ${wakers}; do
    if systemctl is-enabled --quiet $unit; then systemctl start $unit; fi
  done
else
  systemctl try-restart ${wakers} ${listener}
fi
`
}

/** Removed for good, not replaced by another version. */
function removed({ unsettle }: ScriptOptions): string {
  return `${unsettle}systemctl disable ${wakers} ${listener}
[ -d /run/systemd/system ] || exit 0
systemctl stop ${wakers} ${listener}
`
}

const reload = '[ ! -d /run/systemd/system ] || systemctl daemon-reload\n'

export function debScripts(options: ScriptOptions) {
  return {
    postinst: `#!/bin/sh
set -e
[ "$1" = configure ] || exit 0
${configured('[ -z "$2" ]', options)}`,
    prerm: `#!/bin/sh
set -e
[ "$1" = remove ] || exit 0
${removed(options)}`,
    postrm: `#!/bin/sh
set -e
if [ "$1" = purge ]; then rm -rf /etc/switchyard-agent /var/lib/switchyard-agent; fi
${reload}`,
  }
}

/** rpm hands over how many versions of the package there are afterwards. What the host is enrolled with stays when it is removed. */
export function rpmScripts(options: ScriptOptions) {
  return {
    post: `set -e\n${configured('[ "$1" -eq 1 ]', options)}`,
    preun: `[ "$1" -eq 0 ] || exit 0\n${removed(options)}`,
    postun: reload,
  }
}
