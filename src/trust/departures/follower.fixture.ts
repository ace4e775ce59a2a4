import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Updater, type UpdaterOptions } from 'tuf-js'
import { DownloadHTTPError } from 'tuf-js/dist/error.js'
import type { Refs } from '../../store/index.ts'

/** A client of somebody else's making, which reads the departures as a host does and remembers what it has seen. */
export interface Follower {
  /** One run of TUF's client workflow, and the text of a target; undefined when no role names it. @throws what tuf-js throws. */
  read(path: string): Promise<string | undefined>
  /** The same for several targets in one run. */
  readAll(paths: readonly string[]): Promise<(string | undefined)[]>
  close(): void
}

const place = 'https://yard.example.org/'

/** @param root the root that it trusts from the beginning. */
export function follow(refs: Refs, root: string): Follower {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-follower-'))
  writeFileSync(join(directory, 'root.json'), root)
  const download = async (url: string, maximum: number) => {
    const text = await refs.read(url.slice(place.length))
    if (text === undefined) throw new DownloadHTTPError(`there is no ${url}`, 404)
    if (text.length > maximum) throw new Error(`${url} is larger than ${maximum}`)
    return Buffer.from(text)
  }
  const options: UpdaterOptions = {
    metadataDir: directory,
    metadataBaseUrl: `${place}departures/metadata`,
    fetcher: {
      downloadBytes: download,
      downloadFile: () => Promise.reject(new Error('targets are read as bytes')),
    },
  }
  async function readAll(paths: readonly string[]): Promise<(string | undefined)[]> {
    const updater = new Updater(options)
    const texts: (string | undefined)[] = []
    for (const path of paths) {
      const info = await updater.getTargetInfo(path)
      const hashed = info && path.replace(/[^/]*$/, name => `${info.hashes.sha256}.${name}`)
      const target = hashed && (await download(`${place}departures/targets/${hashed}`, info.length))
      texts.push(target?.toString())
    }
    return texts
  }
  return {
    readAll,
    read: async path => (await readAll([path]))[0],
    close: () => rmSync(directory, { recursive: true }),
  }
}
