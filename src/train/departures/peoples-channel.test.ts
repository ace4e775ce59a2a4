import { describe, expect, it } from 'vitest'
import type { Departures, Digest, Name, Timestamp } from '../../model/index.ts'
import type { StagedChange, StatementsState, TrustedKey } from '../../trust/index.ts'
import { peoplesChannel, stagedOf, stagedSignatures, waitsOf } from './peoples-channel.ts'

const key = (owner: string): TrustedKey => ({
  keyid: owner.repeat(16) as Digest,
  keytype: 'ed25519',
  scheme: 'ed25519',
  public: '',
  owner,
})
const [ada, ben, yard] = [key('ada'), key('ben'), key('yard')]
const web = { train: 'web' as Name, channel: 'production' as Name }
const release = '20261121T070000Z' as Timestamp
const role = (name: string, threshold: number, ...keys: TrustedKey[]) => ({ role: name, threshold, keys })
const stateOf = (...roles: StatementsState['roles']) => ({ roles, atHand: [yard.keyid] })

/** A change that waits, in which the channel goes to the release; `files` are those that people sign. */
function changeOf(signed: TrustedKey[], more: string[] = []): StagedChange {
  const departures = { release: { release } } as Departures
  const files = ['channel_web_production', ...more].map(name => ({
    role: name,
    needs: [{ keys: [ada, ben], threshold: 2, signed: signed.map(({ keyid }) => keyid) }],
    statements: name.startsWith('channel')
      ? [{ path: 'channels/web/production.json', text: JSON.stringify(departures) }]
      : [],
  }))
  return { id: 3, files } as unknown as StagedChange
}

describe('who signs for a channel', () => {
  it('is the yard alone, where its keys suffice', () => {
    expect(peoplesChannel(stateOf(role('channel_web_production', 1, yard)), web)).toBeUndefined()
    expect(peoplesChannel(stateOf(role('channel_web_production', 1, ada, yard)), web)).toBeUndefined()
  })

  it('is people, where they do not', () => {
    const state = stateOf(role('channel_web_production', 2, ada, yard))
    expect(peoplesChannel(state, web)).toEqual({ keys: [ada, yard], threshold: 2 })
  })

  it('is who delegates, for a channel that was never told of', () => {
    const state = stateOf(role('targets', 2, ada, ben), role('channel_web_staging', 1, yard))
    expect(peoplesChannel(state, web)).toEqual({ keys: [ada, ben], threshold: 2 })
    expect(peoplesChannel(stateOf(), web)).toBeUndefined()
  })
})

describe('what waits for signatures', () => {
  it('says of every file who has signed and who may', () => {
    expect(waitsOf(changeOf([ben], ['targets']))).toEqual(
      ['channel_web_production', 'targets'].map(name => ({
        role: name,
        threshold: 2,
        signers: [
          { keyid: ada.keyid, name: 'ada', signed: false },
          { keyid: ben.keyid, name: 'ben', signed: true },
        ],
      })),
    )
  })

  it('is found by its channel', () => {
    const staged = [changeOf([])]
    expect(stagedOf({ staged }, web)).toMatchObject({ departures: { release: { release } } })
    expect(stagedOf({ staged }, { ...web, channel: 'staging' as Name })).toBeUndefined()
  })

  it('has signatures for the release that it names, and for no other', () => {
    const staged = [changeOf([ben], ['targets'])]
    expect(stagedSignatures({ staged }, web, release)).toEqual(['ben'])
    expect(stagedSignatures({ staged }, web, '20261122T070000Z' as Timestamp)).toEqual([])
  })
})
