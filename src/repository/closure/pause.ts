/**
 * Asked again and again by work that takes long: answers a promise when it is time to let others have a turn. What the promise
 * throws ends the work.
 */
export type Pause = () => Promise<void> | undefined

/** Works for so many milliseconds at a stretch. */
const stretch = 15

/** @throws whatever `signal` was aborted with. */
export function pauses(
  { clock, sleep }: { clock(): number; sleep(milliseconds: number): Promise<void> },
  signal: AbortSignal | undefined,
): Pause {
  let begun = clock()
  async function pause(): Promise<void> {
    signal?.throwIfAborted()
    await sleep(0)
    begun = clock()
  }
  return () => (clock() - begun < stretch ? undefined : pause())
}
