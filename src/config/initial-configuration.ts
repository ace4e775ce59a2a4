/** What `switchyard init` and `switchyard up` know of the machine and of the wish. */
export interface InitialConfiguration {
  /** Debian's codename, such as `bookworm`. */
  codename: string
  /** As dpkg names it, such as `amd64`. */
  architecture: string
  /** Base URLs of the main archive and of the security archive, the best first. */
  mirrors: string[]
  securityMirrors: string[]
  /** Absolute path of Debian's own keyring. */
  keyring: string
  /** What the composed slice includes, beside its dependencies. */
  packages: string[]
}

/** The text of a commented `switchyard.yaml`: Debian and its security archive, a slice composed out of both, and a train of it. */
export function initialConfiguration(wish: InitialConfiguration): string {
  const { codename, architecture, packages } = wish
  return `# This file says what the yard holds. Relative paths start from its directory. An unknown key is an error that names
# the line and the nearest valid name. After a change run \`switchyard sync\`.

repositories:
  # Debian's main archive with its point release updates, kept byte for byte, so that Debian's signature still verifies.
  # "on-demand": the indexes are fetched at once, a package at its first request.
  debian:
    upstream:
      format: apt
      ${urls(wish.mirrors)}
      suites: ${flow([codename, `${codename}-updates`])}
      components: [main]
      architectures: ${flow([architecture])}
      keyring: ${scalar(wish.keyring)}
    policy: on-demand

  security:
    upstream:
      format: apt
      ${urls(wish.securityMirrors)}
      suite: ${scalar(`${codename}-security`)}
      components: [main]
      architectures: ${flow([architecture])}
      keyring: ${scalar(wish.keyring)}
    policy: on-demand

  # A slice of both, signed with this yard's own key: these packages and all that they depend on.
  # "immediate": every package file is here before a snapshot exists.
  base:
    compose:
      from: [debian, security]
      include: ${flow(packages)}
      with-dependencies: true
      suite: ${scalar(codename)}
    policy: immediate

trains:
  # What hosts get, all of it at one moment. \`switchyard release web\` freezes the newest snapshots, \`switchyard promote\` moves a
  # channel to a release, and \`switchyard rollback\` takes it back. Production takes what was in staging, and only if every
  # package of it can be installed.
  web:
    repositories: [base]
    channels:
      staging: {}
      production: { after: staging, gates: [closure] }

server:
  # Only this machine may ask. "0.0.0.0:8080" or "[::]:8080" serves the network.
  listen: 127.0.0.1:8080

latest:
  # A client that began before a new snapshot finishes with the old one: replaced snapshots are answered this long.
  keep: 7d
  keep-at-least: 3
`
}

function urls(mirrors: string[]): string {
  return mirrors.length === 1 ? `url: ${scalar(mirrors[0]!)}` : `urls: ${flow(mirrors)}`
}

function flow(items: string[]): string {
  return `[${items.map(scalar).join(', ')}]`
}

/** Plain where that is safe, else in double quotes: JSON's strings are YAML's. */
function scalar(text: string): string {
  return /^(?:\/|https?:\/\/)?[a-z][\w./+-]*$/.test(text) && !/^(?:true|false|null)$/i.test(text)
    ? text
    : JSON.stringify(text)
}
