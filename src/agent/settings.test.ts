import { describe, expect, it } from 'vitest'
import { defaultLimits, parseSettings } from './settings.ts'

const parse = (value: unknown) =>
  parseSettings(typeof value === 'string' ? value : JSON.stringify(value), 'agent.json')

describe('agent.json', () => {
  it('need not be there', () => {
    expect(parseSettings(undefined, 'agent.json')).toEqual({ places: undefined, limits: defaultLimits })
    expect(parse({})).toEqual({ places: undefined, limits: defaultLimits })
  })

  it('names places, and limits one by one', () => {
    const places = ['https://mirror.example.org/departures', 'file:///media/stick']
    expect(parse({ places, limits: { place: 60 } })).toEqual({
      places,
      limits: { ...defaultLimits, place: 60 },
    })
  })

  it.each([
    ['', /agent.json: it is not a JSON object/],
    ['[]', /not a JSON object/],
    [{ place: [] }, /nothing called "place"/],
    [{ places: 'https://mirror.example.org/' }, /a list of 8 URLs at most/],
    [{ places: Array(9).fill('file:///a') }, /a list of 8 URLs at most/],
    [{ places: ['/media/stick'] }, /not a place: "\/media\/stick"/],
    [{ places: [7] }, /not a place: 7/],
    [{ places: ['https://me:secret@mirror.example.org/'] }, /not a place/],
    [{ limits: [] }, /limits are an object/],
    [{ limits: { windows: 1 } }, /no limit called "windows"/],
    [{ limits: { window: '20' } }, /limits.window is a number above 0/],
    [{ limits: { bytes: 0 } }, /limits.bytes is a number above 0/],
  ])('says what is wrong: %j', (value, message) => expect(() => parse(value)).toThrow(message))
})
