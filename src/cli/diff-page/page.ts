import { createHash } from 'node:crypto'
import { textOfByteString } from '../../model/index.ts'
import type { FileChange, ModuleChange } from '../../repository/index.ts'
import type { Comparison, RepositoryComparison } from '../../train/index.ts'
import { pairText, sideText } from '../comparison-text.ts'
import { sumText } from '../diff-text.ts'
import { countText } from '../text.ts'
import { head } from './head.ts'
import { htmlOf, type Markup, markup, verbatim } from './markup.ts'
import { hosts, mended } from './mended.ts'
import { packagesTable } from './packages.ts'
import { script } from './script.ts'
import { style } from './style.ts'

/**
 * What differs, as one page for a reviewer. It names nothing outside of itself, and by its own policy a browser runs and loads
 * nothing but its one script and style. It is HTML and well-formed XML at once. Pure.
 */
export function comparisonPage(comparison: Comparison): string {
  const title = `${sideText(comparison.from)} → ${sideText(comparison.to)}`
  const policy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`
  const page = markup`<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width"/>
<meta http-equiv="Content-Security-Policy" content="${policy}"/>
<meta name="referrer" content="no-referrer"/>
<title>${title}</title>
<style>${verbatim(style)}</style>
</head>
<body>
<h1>${title}</h1>
${head(comparison)}
${mended(comparison)}
${hosts(comparison)}
<h2>Packages</h2>
<div id="tools" hidden=""><input id="filter" type="search" placeholder="Filter: a name, a version, downgraded, CVE-…" aria-label="Filter"/><output id="shown"></output><button type="button" id="unfold">Unfold all</button><button type="button" id="fold">Fold all</button></div>
${comparison.repositories.map(one => repositorySection(one, comparison.repositories.length > 1))}
<script>${verbatim(script)}</script>
</body>
</html>
`
  return `<!DOCTYPE html>\n${htmlOf(page)}`
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

function repositorySection({ repository, from, to, diff }: RepositoryComparison, several: boolean): Markup {
  return markup`<section>
${several ? markup`<h3>${repository}</h3><p class="dim">${pairText(from, to)}: ${sumText(diff)}</p>` : undefined}
${diff.notes.map(note => markup`<p class="dim">Note: ${note}</p>`)}
${diff.modules.length > 0 ? modulesSection(diff.modules) : undefined}
${packagesTable(diff.packages)}
${diff.files === undefined ? undefined : filesSection(diff.files)}
</section>
`
}

function modulesSection(modules: readonly ModuleChange[]): Markup {
  return markup`<details class="section" open=""><summary>${countText(modules.length, 'module')}</summary><ul>${modules.map(
    ({ name, defaultStream, streams }) =>
      markup`<li><code>${name}</code>${
        defaultStream === undefined
          ? undefined
          : markup`: default stream ${defaultStream.before ?? 'none'} → ${defaultStream.after ?? 'none'}`
      }${streams.map(
        ({ stream, kind, addedPackages, removedPackages }) =>
          markup`; ${stream} ${kind} (${countText(addedPackages.length, 'package')} come, ${removedPackages.length} go)`,
      )}</li>`,
  )}</ul></details>`
}

function filesSection(files: readonly FileChange[]): Markup {
  return markup`<details class="section"><summary>${countText(files.length, 'file')}</summary><ul>${files.map(
    ({ path, before, after }) =>
      markup`<li>${before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'} <code>${textOfByteString(path)}</code></li>`,
  )}</ul></details>`
}
