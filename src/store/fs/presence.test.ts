import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { layoutOf } from './layout.ts'
import { createPresence, type Presence } from './presence.ts'

const nobody = 65534
const isRoot = process.getuid?.() === 0

let directory: string
let presence: Presence
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'presence-'))
  presence = createPresence(layoutOf(directory))
  mkdirSync(join(directory, 'locks'))
})
afterEach(() => {
  if (isRoot) process.seteuid!(0)
  presence.close()
  rmSync(directory, { recursive: true })
})

describe('the presence of a writer', () => {
  it('removes the files of the dead', () => {
    const dead = join(directory, 'locks', 'writer-dead')
    writeFileSync(dead, '')
    presence.own()
    expect(existsSync(dead)).toBe(false)
  })

  it('passes over the file of a dead writer that was another user', () => {
    const dead = join(directory, 'locks', 'writer-dead')
    writeFileSync(dead, '')
    chmodSync(dead, 0)
    becomeAnother()
    expect(existsSync(presence.own().file)).toBe(true)
    expect(existsSync(dead)).toBe(true)
  })
})

/** Root may lock every file, so it plays somebody to whom the directories belong. */
function becomeAnother(): void {
  if (!isRoot) return
  for (const each of [directory, join(directory, 'locks')]) chownSync(each, nobody, nobody)
  process.seteuid!(nobody)
}
