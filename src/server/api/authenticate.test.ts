import { expect, it } from 'vitest'
import { type Name, YardError } from '../../model/index.ts'
import { checkRight, checkRights, createGuard } from './authenticate.ts'

const bearer = { name: 'ci' as Name, rights: ['promote:web/staging', 'sync'] as const }

/** A guard that knows the tokens `good` and `late`, and counts how often it was asked. */
function guarded(wait: number) {
  let asked = 0
  const guard = createGuard(async token => {
    asked++
    if (token === 'good' || token === 'late') return { ...bearer }
    throw new YardError('unauthenticated', 'not one of this yard')
  }, wait)
  return { guard, asked: () => asked }
}

it('takes a bearer token and nothing else', async () => {
  const { guard } = guarded(0)
  expect(await guard.bearerOf('Bearer good')).toEqual(bearer)
  expect(await guard.bearerOf('bearer  good')).toEqual(bearer)
  for (const header of [
    undefined,
    '',
    'good',
    'Basic good',
    'Bearer',
    'Bearer a b',
    `Bearer ${'a'.repeat(301)}`,
  ])
    await expect(guard.bearerOf(header), header).rejects.toMatchObject({ code: 'unauthenticated' })
  await expect(guard.bearerOf('Bearer wrong')).rejects.toMatchObject({ code: 'unauthenticated' })
})

it('while many wrong tokens are tried, looks at none but those that were good before', async () => {
  const { guard, asked } = guarded(200)
  const codeOf = (token: string) =>
    guard.bearerOf(`Bearer ${token}`).then(
      () => 'good',
      (error: YardError) => error.code,
    )
  await guard.bearerOf('Bearer good')
  const wrong = Array.from({ length: 200 }, (_, i) => codeOf(`wrong${i}`))
  const refused = await Promise.all([codeOf('wrong201'), codeOf('late')])
  expect(refused).toEqual(['busy', 'busy'])
  expect(asked()).toBe(1 + 32)
  expect(await codeOf('good')).toBe('good')
  const codes = await Promise.all(wrong)
  expect(codes.filter(code => code === 'unauthenticated')).toHaveLength(32)
  expect(codes.filter(code => code === 'busy')).toHaveLength(168)
  expect(await codeOf('late')).toBe('good')
})

it('is asked once for a token that comes many times at once', async () => {
  const { guard, asked } = guarded(0)
  await Promise.all(Array.from({ length: 100 }, () => guard.bearerOf('Bearer good')))
  expect(asked()).toBe(1)
})

it('a token that was good and is so no more is refused at its next use', async () => {
  let revoked = false
  const guard = createGuard(async () => {
    if (revoked) throw new YardError('unauthenticated', 'revoked')
    return { ...bearer }
  }, 0)
  await guard.bearerOf('Bearer good')
  revoked = true
  await expect(guard.bearerOf('Bearer good')).rejects.toMatchObject({ message: 'revoked' })
})

it('a right is needed of what is asked for', () => {
  expect(() => checkRight({ ...bearer }, 'promote')).not.toThrow()
  expect(() => checkRight({ ...bearer }, 'any')).not.toThrow()
  expect(() => checkRight({ ...bearer }, 'rollback')).toThrow(expect.objectContaining({ code: 'forbidden' }))
  expect(() => checkRights({ ...bearer }, ['sync:debian', 'promote:web/staging'])).not.toThrow()
  expect(() => checkRights({ ...bearer }, ['sync', 'promote:web/production'])).toThrow(
    /the token ci has not the right promote:web\/production;/,
  )
})
