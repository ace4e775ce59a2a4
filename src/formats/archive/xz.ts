import { setImmediate as nextTurn } from 'node:timers/promises'
import xzDecompress from 'xz-decompress'

/** The exports of the WebAssembly module in xz-decompress: XZ Embedded behind four functions. */
interface XzModule {
  memory: { buffer: ArrayBuffer }
  create_context(): number
  destroy_context(context: number): void
  supply_input(context: number, size: number): void
  get_next_output(context: number): number
}

/**
 * The package's stream class decodes one stream at a time in the whole process (a reader that waits for the network
 * would stop all others). So the module behind it is driven here, an instance a stream. The package's version is
 * pinned exactly, and the first test of .xz fails should these two names go.
 */
const wasm = xzDecompress.XzReadableStream as unknown as {
  _getModuleInstance(): Promise<void>
  _moduleInstance: { exports: unknown }
}

/** Every instance holds a dictionary of up to 64 MiB (`xz -9`); a few that are small are kept for the next stream. */
const idle: XzModule[] = []
const maxIdle = 2
const maxIdleBytes = 20 * 1024 * 1024

/** enum xz_ret of XZ Embedded. */
const ok = 0
const streamEnd = 1
const faults: { [code: number]: string } = {
  2: 'its check type is not supported',
  3: 'there is not enough memory for its dictionary',
  4: 'it needs a dictionary of more than 64 MiB',
  5: 'it is not in the .xz format, or something else follows its last stream',
  6: 'it uses filters or a check that are not supported (supported are LZMA2 with CRC32, CRC64 or none)',
  7: 'its data is corrupt',
  8: 'it is cut short',
}

/**
 * Decodes .xz: any number of blocks and streams, with padding between streams (".xz file format" 1.2). Gives chunks of
 * at most 64 KiB.
 * @throws Error saying what is wrong with the data.
 */
export async function* decodeXz(input: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  const module = idle.pop() ?? (await createModule())
  const context = module.create_context()
  let intact = true
  try {
    yield* decodeWith(module, context, input)
  } catch (error) {
    intact = (error as Error).name !== 'RuntimeError'
    throw error
  } finally {
    if (intact) giveBack(module, context)
  }
}

/** Corrupt data leaves the decoder in order; only after a trap of WebAssembly itself it is not used again. */
function giveBack(module: XzModule, context: number): void {
  module.destroy_context(context)
  if (idle.length < maxIdle && module.memory.buffer.byteLength <= maxIdleBytes) idle.push(module)
}

/** One at a time, because each call puts its instance in the same place. */
let lastCreated: Promise<unknown> = Promise.resolve()

function createModule(): Promise<XzModule> {
  const created = lastCreated.then(async () => {
    await wasm._getModuleInstance()
    return wasm._moduleInstance.exports as XzModule
  })
  lastCreated = created.catch(() => undefined)
  return created
}

async function* decodeWith(
  module: XzModule,
  context: number,
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void, undefined> {
  let turns = 0
  for await (const chunk of input) {
    const bufferSize = viewOf(module, context).bufferSize
    for (let start = 0; start < chunk.length; start += bufferSize) {
      supply(module, context, chunk.subarray(start, start + bufferSize))
      while (viewOf(module, context).hasInput) {
        const { output } = step(module, context)
        if (output.length > 0) yield output
        // Decoding is synchronous, about 0.5 ms a step: let others have the event loop now and then.
        if (++turns % 16 === 0) await nextTurn()
      }
    }
  }
  yield* finish(module, context)
}

/** No input means to the decoder that the input has ended: it either gives its last output or says what is missing. */
function* finish(module: XzModule, context: number): Generator<Buffer, void, undefined> {
  supply(module, context, new Uint8Array(0))
  for (let ended = false; !ended; ) {
    const { output, result } = step(module, context)
    if (output.length > 0) yield output
    ended = result === streamEnd
  }
}

function supply(module: XzModule, context: number, bytes: Uint8Array): void {
  viewOf(module, context).input.set(bytes)
  module.supply_input(context, bytes.length)
}

function step(module: XzModule, context: number): { output: Buffer; result: number } {
  const result = module.get_next_output(context)
  if (result !== ok && result !== streamEnd)
    throw new Error(faults[result] ?? `the decoder answered ${result}`)
  const view = viewOf(module, context)
  const output = Buffer.from(view.output)
  view.resetOutput()
  return { output, result }
}

/**
 * The decoder's context: `bufsize, in, in_pos, in_size, out, out_pos, out_size` as 32-bit words, and the two buffers they
 * point to. Looked up at every use because the memory moves when it grows.
 */
function viewOf(module: XzModule, context: number) {
  const buffer = module.memory.buffer
  const words = new Uint32Array(buffer, context, 7)
  const [bufferSize, inputStart, inputPosition, inputSize, outputStart, outputSize] =
    words as unknown as number[]
  return {
    bufferSize: bufferSize!,
    input: new Uint8Array(buffer, inputStart!, bufferSize!),
    hasInput: inputPosition! < inputSize!,
    output: new Uint8Array(buffer, outputStart!, outputSize!),
    resetOutput: () => {
      words[5] = 0
    },
  }
}
