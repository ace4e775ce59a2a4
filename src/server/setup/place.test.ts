import { describe, expect, it } from 'vitest'
import type { Name, Timestamp } from '../../model/index.ts'
import { isContent } from '../http-server.ts'
import { channelCommands, clientCommand } from './client-command.ts'
import { placeOf, placeOfTrain, type SetupView } from './place.ts'

const base = 'http://yard.example.org'
const name = 'debian' as Name
const train = 'web' as Name
const timestamp = '20261121T064500Z' as Timestamp
const views: SetupView[] = [
  { kind: 'latest' },
  { kind: 'snapshot', timestamp },
  { kind: 'channel', train, channel: 'production' as Name },
  { kind: 'release', train, timestamp },
]

describe('where a client finds a repository', () => {
  it('its tree is content, and its setup files are not', () => {
    for (const view of views) {
      const { tree, setup } = placeOf(name, view)
      expect(isContent(tree), tree).toBe(true)
      expect(isContent(`${setup}apt.sources`), setup).toBe(false)
    }
  })

  it('is no other place than that of any other view', () => {
    const places = views.map(view => placeOf(name, view))
    for (const key of ['tree', 'setup', 'label', 'title'] as const)
      expect(new Set(places.map(place => place[key])).size, key).toBe(views.length)
    expect(places.map(({ dated }) => dated)).toEqual([false, true, false, true])
  })

  it('lies beside those that travel with it, whose files together are one floor up', () => {
    const view = { kind: 'channel', train, channel: 'production' as Name } as const
    expect(placeOfTrain(view).setup).toBe('/channels/web/production/setup/')
    expect(placeOf(name, view).setup).toBe('/channels/web/production/setup/debian/')
  })

  it.each([
    '/releases/web/20261121T064500Z/release.json',
    '/releases/web/20261121T064500Z/',
    '/channels/web/x/',
  ])('%s is no content', target => expect(isContent(target)).toBe(false))
})

describe('the line that points a client', () => {
  it('at a repository fetches its file and asks for the index', () => {
    expect(clientCommand(base, name, 'dnf').command).toBe(
      `curl -fsS ${base}/setup/debian/dnf.repo | sudo tee /etc/yum.repos.d/switchyard-debian.repo >/dev/null && sudo dnf makecache`,
    )
  })

  it('at a channel is one for each client that some repository is for; apt also gets the way back', () => {
    const commands = channelCommands(base, train, 'production' as Name, ['dnf', 'apt', 'apt'])
    expect(commands.map(({ client }) => client)).toEqual(['apt', 'dnf'])
    expect(commands[0]!.command).toContain(
      `curl -fsS ${base}/channels/web/production/setup/preferences | sudo tee /etc/apt/preferences.d/switchyard-web-production >/dev/null`,
    )
    expect(channelCommands(base, train, 'production' as Name, [])).toEqual([])
  })
})
