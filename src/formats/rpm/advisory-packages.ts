import type { ByteString } from '../../model/index.ts'
import { checkToken } from '../index-token.ts'
import { trimBlanks } from './blanks.ts'
import { type Checksum, isChecksumAlgorithm, readChecksum } from './checksum.ts'
import { checkEpoch } from './primary.ts'
import type { XmlReader } from './xml.ts'
import { readChildren } from './xml-elements.ts'

/** A package that an advisory asks to install. */
export interface AdvisoryPackage {
  name: ByteString
  /** Decimal digits. */
  epoch: ByteString
  version: ByteString
  release: ByteString
  arch: ByteString
  /** File name of the source package; empty where it is not named. */
  src: ByteString
  /** As written; empty where it is not named. */
  filename: ByteString
  checksums: Checksum[]
  rebootSuggested: boolean
  restartSuggested: boolean
  reloginSuggested: boolean
}

/** A module of which an advisory speaks. */
export interface AdvisoryModule {
  name: ByteString
  stream: ByteString
  version: ByteString
  context: ByteString
  arch: ByteString
}

/** Packages of one product, or of one module in it. */
export interface AdvisoryCollection {
  short: ByteString
  name: ByteString
  module: AdvisoryModule | undefined
  packages: AdvisoryPackage[]
}

/** Reads a child of `<pkglist>`; false when it is no collection. */
export function readCollection(
  reader: XmlReader,
  collections: AdvisoryCollection[],
  where: () => string,
): boolean {
  if (!reader.isNamed('collection')) return false
  const collection: AdvisoryCollection = {
    short: reader.attribute('short') ?? '',
    name: '',
    module: undefined,
    packages: [],
  }
  collections.push(collection)
  readChildren(reader, child => {
    if (child.isNamed('name')) collection.name = child.readText()
    else if (child.isNamed('package')) collection.packages.push(readPackage(child, where))
    else {
      if (child.isNamed('module')) collection.module = moduleOf(child)
      return false
    }
    return true
  })
  return true
}

function moduleOf(reader: XmlReader): AdvisoryModule {
  const attribute = (name: string) => reader.attribute(name) ?? ''
  return {
    name: attribute('name'),
    stream: attribute('stream'),
    version: attribute('version'),
    context: attribute('context'),
    arch: attribute('arch'),
  }
}

function readPackage(reader: XmlReader, where: () => string): AdvisoryPackage {
  const token = (name: string) => checkToken(reader.attribute(name), `package with ${name}`, where)
  const listed: AdvisoryPackage = {
    name: token('name'),
    epoch: checkEpoch(reader.attribute('epoch'), where),
    version: token('version'),
    release: token('release'),
    arch: token('arch'),
    src: reader.attribute('src') ?? '',
    filename: '',
    checksums: [],
    rebootSuggested: false,
    restartSuggested: false,
    reloginSuggested: false,
  }
  readChildren(reader, child => {
    const type = child.attribute('type')
    if (child.isNamed('filename')) listed.filename = child.readText()
    else if (child.isNamed('reboot_suggested')) listed.rebootSuggested = isSuggested(child)
    else if (child.isNamed('restart_suggested')) listed.restartSuggested = isSuggested(child)
    else if (child.isNamed('relogin_suggested')) listed.reloginSuggested = isSuggested(child)
    else if (child.isNamed('sum') && isChecksumAlgorithm(type))
      listed.checksums.push(readChecksum(type, child.readText(), where))
    else return false
    return true
  })
  return listed
}

/** The element alone says yes, as createrepo_c reads it. */
function isSuggested(reader: XmlReader): boolean {
  return !/^(false|no|0)$/i.test(trimBlanks(reader.readText()))
}
