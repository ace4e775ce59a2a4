import { ratio, rounded } from './compare.ts'
import { type Figure, type Findings, ours } from './findings.ts'
import type { Machine } from './machine.ts'
import { median } from './statistics.ts'

/** One claim's findings, with when and of which version they are. */
export interface Measured extends Findings {
  title: string
  date: string
  version: string
}

/** All findings as Markdown, for docs/benchmarks.md. */
export function markdown(machine: Machine, claims: Measured[]): string {
  return `${[machineText(machine), ...claims.map(section)].join('\n\n')}\n`
}

function machineText({
  date,
  cpu,
  cores,
  memoryGiB,
  kernel,
  distribution,
  fileSystem,
  versions,
}: Machine): string {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `Measured on ${date}: ${cpu}, ${cores} cores, ${memoryGiB} GiB, Linux ${kernel}, ${distribution}, ${fileSystem}.

With ${list.join(', ')}.`
}

function section({ title, date, version, figures, targets, notes }: Measured): string {
  const targetRows = targets.map(
    ({ target, measured, met }) => `| ${target} | ${measured} | ${met ? 'met' : '**missed**'} |`,
  )
  return `### ${title}

${date}, version ${version}.

| what | who | median | min to max | × ours | CPU s | peak memory | others' CPU s | load |
|---|---|---:|---:|---:|---:|---:|---:|---:|
${figures.map(figure => row(figure, figures)).join('\n')}

| target | measured | |
|---|---|---|
${targetRows.join('\n')}${(notes ?? []).map(note => `\n\n${note}`).join('')}`
}

function row(figure: Figure, all: Figure[]): string {
  const { what, who, unit, values, cpuSeconds, peakBytes, otherCpuSeconds, load } = figure
  const us = all.find(other => other.what === what && other.unit === unit && other.who === ours)
  const cells = [
    what,
    who,
    `${rounded(median(values))} ${unit}`,
    values.length === 1 ? '' : `${rounded(Math.min(...values))} to ${rounded(Math.max(...values))}`,
    us === undefined || us === figure || median(us.values) === 0 ? '' : ratio(figure, us).toFixed(2),
    cpuSeconds === undefined ? '' : rounded(median(cpuSeconds)),
    peakBytes === undefined ? '' : `${Math.round(peakBytes / 1024 / 1024)} MiB`,
    otherCpuSeconds === undefined ? '' : rounded(median(otherCpuSeconds)),
    load === undefined ? '' : median(load).toFixed(1),
  ]
  return `| ${cells.join(' | ')} |`
}
