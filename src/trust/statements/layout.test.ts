import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isName, type Name } from '../../model/index.ts'
import { ownedPaths, pathsOf, readRole, roleOf } from './layout.ts'

const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,62}$/).filter(isName) as fc.Arbitrary<Name>

describe("a role's name", () => {
  it('says what the role is for, whatever trains and channels are called', () => {
    fc.assert(
      fc.property(name, name, (train, channel) => {
        expect(readRole(roleOf.releases(train))).toEqual({ kind: 'releases', train })
        for (const kind of ['channel', 'rollout'] as const) {
          const role = readRole(roleOf[kind](train, channel))!
          expect(role).toEqual({ kind, train, channel })
          expect(ownedPaths(role)).toEqual(pathsOf[kind](train, channel))
        }
      }),
    )
  })

  it.each([
    'root',
    'targets',
    'snapshot',
    'timestamp',
    '',
    'releases',
    'releases_',
    'releases_web_production',
    'channel_web',
    'channel_web_',
    'channel_web_production_x',
    'channel_../etc_x',
    'rollout_Web_production',
    'halts_web_production',
  ])('is none of a role below targets: %j', role => expect(readRole(role)).toBeUndefined())
})
