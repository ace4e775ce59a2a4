import { isName, type Name, YardError } from '../model/index.ts'
import type { OpenYard } from '../yard/index.ts'
import { escapeHtml, htmlPage } from './html.ts'
import { channelCommands } from './setup/client-command.ts'

/** A train's channels: where each stands, how it came there, and how clients follow it. Reads refs alone. */
export async function trainPage(
  { configuration, content }: OpenYard,
  name: string,
  base: string,
): Promise<string> {
  const train = isName(name) ? configuration.trains.get(name) : undefined
  if (train === undefined) throw new YardError('not-found', `there is no train ${name}`)
  const sections = [...train.channels.keys()].map(channel =>
    channelSection(content, train.name, channel, base),
  )
  return htmlPage(train.name, (await Promise.all(sections)).join('\n'))
}

async function channelSection(
  content: OpenYard['content'],
  train: Name,
  channel: Name,
  base: string,
): Promise<string> {
  const head = `<h2>${escapeHtml(`${train}/${channel}`)}</h2>`
  const at = await content.channel(train, channel)
  if (at === undefined) return `${head}\n<p>never promoted to</p>`
  const view = { kind: 'channel', train, channel } as const
  const names = (Object.keys(at.repositories) as Name[]).sort()
  const records = await Promise.all(names.map(name => content.record(name, view)))
  const formats = records.flatMap(record => record?.format ?? [])
  const last = at.history.at(-1)
  const move =
    last === undefined
      ? ''
      : `, by ${last.kind} of ${last.moved} (${last.who})${last.why === undefined ? '' : `: ${last.why}`}`
  const commands = channelCommands(base, train, channel, formats).map(({ command }) => command)
  const links = names.map(
    name => `<li><a href="/channels/${train}/${channel}/${name}/">${escapeHtml(name)}</a></li>`,
  )
  return `${head}
<p>at <a href="/releases/${train}/${at.release}/release.json">${train}@${at.release}</a>${escapeHtml(move)}</p>
<ul>
${links.join('\n')}
</ul>
<pre>${escapeHtml(commands.join('\n'))}</pre>`
}
