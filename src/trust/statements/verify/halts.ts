import { haltConcerns, messageOf, type Name } from '../../../model/index.ts'
import { haltTrustOf, maximumHaltBytes, type OpenedHalt, openHalts } from '../halts.ts'
import { fetchCapped, type Source } from './source.ts'
import { Suspicion, suspicionOf } from './suspicion.ts'

/** Where all halts lie that may bind somebody. */
const latestHalts = 'halt/latest.json'

/**
 * The halt that counts for a channel, among the one that is known and those of a place. Lifting goes by number, so that is the highest that concerns it. Halts need
 * neither fresh metadata nor an online key.
 * @param root bytes of the trusted root; a halt that its keys did not sign, or sign no more, is none.
 * @returns also why none could be read, if none could: that stops nothing else.
 */
export async function followHalts(
  root: Uint8Array,
  known: OpenedHalt | undefined,
  source: Source,
  { train, channel }: { train: Name; channel: Name },
): Promise<{ halt: OpenedHalt | undefined; suspicion?: Suspicion }> {
  const texts = known === undefined ? [] : [JSON.stringify([known.envelope])]
  let suspicion: Suspicion | undefined
  try {
    const bytes = await fetchCapped(source, latestHalts, maximumHaltBytes)
    if (bytes !== undefined) texts.push(bytes.toString('utf8'))
  } catch (error) {
    suspicion = suspicionOf(error, latestHalts)
  }
  const halts: OpenedHalt[] = []
  for (const text of texts)
    try {
      halts.push(...openedHalts(root, text))
    } catch (error) {
      suspicion ??= new Suspicion('damaged', latestHalts, messageOf(error), error)
    }
  const halt = highest(halts.filter(one => haltConcerns(one.halt, train, channel)))
  return { halt, ...(suspicion && { suspicion }) }
}

function openedHalts(root: Uint8Array, text: string): OpenedHalt[] {
  const { signed } = JSON.parse(Buffer.from(root).toString('utf8')) as {
    signed: { [field: string]: unknown }
  }
  return openHalts(text, { ...haltTrustOf(signed), object: latestHalts })
}

function highest(halts: OpenedHalt[]): OpenedHalt | undefined {
  return halts.reduce<OpenedHalt | undefined>(
    (most, one) => (most === undefined || one.halt.number > most.halt.number ? one : most),
    undefined,
  )
}
