import type { AgentArchitecture } from './agent-package.ts'
import type { ScriptOptions } from './maintainer-scripts.ts'

/** Programs of each architecture name it, so it is never elsewhere. */
const loaders = { amd64: '/lib64/ld-linux-x86-64.so.2', arm64: '/lib/ld-linux-aarch64.so.1' } as const

/**
 * Node needs two libraries of the distribution beside the C library. A release may replace them, and break them; so the host's own are
 * copied when the agent is installed, if Node runs with them.
 * @param directory where Node lies, as `node`; the copies go below.
 */
export function keepLibraries(directory: string, architecture: AgentArchitecture): ScriptOptions {
  const loader = loaders[architecture]
  const libraries = `${directory}/lib`
  return {
    settle: `rm -rf ${libraries}.new
mkdir ${libraries}.new
ldd ${directory}/node | sed -n 's/^.*lib\\(stdc++\\|gcc_s\\)\\.so[^ ]* => \\([^ ]*\\) .*$/\\2/p' | while read -r file; do
  cp -L "$file" ${libraries}.new/
done
if ${loader} --library-path ${libraries}.new ${directory}/node -e 0; then
  rm -rf ${libraries}
  mv ${libraries}.new ${libraries}
else
  rm -rf ${libraries}.new
fi
`,
    unsettle: `rm -rf ${libraries}\n`,
  }
}

/** Starts Node with its own libraries, without leaving that to the programs that it starts; with the host's where there are none. */
export function startWithOwnLibraries(directory: string, architecture: AgentArchitecture): string {
  const libraries = `${directory}/lib`
  const node = `${directory}/node ${directory}/switchyard-agent.js "$@"`
  return `[ ! -d ${libraries} ] || exec ${loaders[architecture]} --library-path ${libraries} ${node}\nexec ${node}\n`
}
