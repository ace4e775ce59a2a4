import { expect, it } from 'vitest'
import type { Name } from '../../model/index.ts'
import { openMemoryStore } from '../../store/index.ts'
import { openStatements } from '../../trust/index.ts'
import type { TrainContext } from '../context.ts'
import { trainLock } from '../train-lock.ts'
import { submit } from './submit.ts'

it('nobody moves a channel between the last signature and the move that it completes', async () => {
  const store = openMemoryStore()
  const keys = { signers: async () => [], makeFirst: async () => undefined }
  const statements = openStatements({ ...store, keys, now: Date.now })
  const path = 'channels/web/production.json'
  const seen: boolean[] = []
  const context = {
    ...store,
    now: Date.now,
    actor: { who: 'ada', via: 'cli' },
    catalog: async () => ({ appendAudit: async () => undefined }),
    statements: {
      ...statements,
      state: async () => ({ staged: [{ files: [{ statements: [{ path, text: '{}' }] }] }] }),
      submit: async () => {
        for (const train of ['web', 'db'] as Name[]) {
          const lock = await store.locks.acquire(trainLock(train), 0)
          seen.push(lock !== undefined)
          lock?.release()
        }
        return { staged: 1 }
      },
    },
  } as unknown as TrainContext
  expect(await submit(context, {})).toEqual({ staged: 1, moved: [] })
  expect(seen).toEqual([false, true])
  expect(await store.locks.acquire(trainLock('web' as Name), 0)).toBeDefined()
})
