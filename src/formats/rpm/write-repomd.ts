import { type ByteString, bytesOf } from '../../model/index.ts'
import type { Checksum } from './checksum.ts'
import { rpmNamespace } from './fragment-head.ts'
import type { Repomd, RepomdFile } from './repomd.ts'
import { xmlAttribute, xmlText } from './write-xml.ts'

/**
 * The text of repomd.xml, laid out as createrepo_c does it. The same values give the same bytes, and reading them gives
 * the values again. Files stand in the order in which they are given.
 */
export function writeRepomd({ revision, tags, files }: Repomd): Buffer {
  return bytesOf(
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<repomd xmlns="http://linux.duke.edu/metadata/repo" xmlns:rpm="${rpmNamespace}">`,
      ...textLine(2, 'revision', revision),
      ...tagLines(tags),
      ...files.flatMap(dataLines),
      '</repomd>',
      '',
    ].join('\n'),
  )
}

function tagLines({ content, repo, distro }: Repomd['tags']): string[] {
  const lines = [
    ...content.map(text => `    <content>${xmlText(text)}</content>`),
    ...repo.map(text => `    <repo>${xmlText(text)}</repo>`),
    ...distro.map(({ name, cpeid }) => {
      const attribute = cpeid === undefined ? '' : ` cpeid="${xmlAttribute(cpeid)}"`
      return `    <distro${attribute}>${xmlText(name)}</distro>`
    }),
  ]
  return lines.length === 0 ? [] : ['  <tags>', ...lines, '  </tags>']
}

function dataLines(file: RepomdFile): string[] {
  const base = file.base === undefined ? '' : ` xml:base="${xmlAttribute(file.base)}"`
  return [
    `  <data type="${xmlAttribute(file.type)}">`,
    ...checksumLine('checksum', file.checksum),
    ...checksumLine('open-checksum', file.openChecksum),
    ...checksumLine('header-checksum', file.headerChecksum),
    `    <location${base} href="${xmlAttribute(file.href)}"/>`,
    ...textLine(4, 'timestamp', file.timestamp),
    ...textLine(4, 'size', file.size),
    ...textLine(4, 'open-size', file.openSize),
    ...textLine(4, 'header-size', file.headerSize),
    ...textLine(4, 'database_version', file.databaseVersion),
    ...file.extra.map(element => `    ${element.toString('latin1')}`),
    '  </data>',
  ]
}

function checksumLine(name: string, checksum: Checksum | undefined): string[] {
  if (checksum === undefined) return []
  return [`    <${name} type="${checksum.algorithm}">${checksum.hex}</${name}>`]
}

function textLine(indent: number, name: string, value: ByteString | number | undefined): string[] {
  return value === undefined ? [] : [`${' '.repeat(indent)}<${name}>${xmlText(String(value))}</${name}>`]
}
