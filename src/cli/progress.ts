import type { JobEvent } from '../jobs/index.ts'
import type { Cli } from './context.ts'
import { percentText, printable, sizeText } from './text.ts'

/** Redraws at most so often, in milliseconds. */
const interval = 100

/**
 * Shows what jobs do: on a terminal one line that is drawn over, with the work that is under way; elsewhere only
 * warnings. `end` removes the line.
 */
export function showProgress(cli: Cli): { onEvent: (event: JobEvent) => void; end: () => void } {
  const current = new Map<string, string>()
  let drawn = 0
  const clear = () => cli.terminal && cli.err('\r\x1b[K')
  const draw = (now: number) => {
    if (!cli.terminal || now - drawn < interval) return
    drawn = now
    const line = [...current].map(([subject, what]) => `${subject}: ${what}`).join('   ')
    cli.err(`\r\x1b[K${line.slice(0, cli.columns - 1)}`)
  }
  return {
    onEvent(event) {
      if (event.kind === 'warning') {
        clear()
        cli.err(
          `warning: ${printable(event.message)}\n${event.hint === undefined ? '' : `  ${printable(event.hint)}\n`}`,
        )
        return
      }
      current.delete(event.subject)
      current.set(event.subject, event.kind === 'step' ? event.step : progressText(event))
      draw(performance.now())
    },
    end: clear,
  }
}

function progressText({
  step,
  doneFiles,
  totalFiles,
  doneBytes,
  totalBytes,
}: JobEvent & { kind: 'progress' }): string {
  const files = totalFiles === 0 ? `${doneFiles}` : `${doneFiles}/${totalFiles}`
  const share = totalBytes === 0 ? '' : ` ${percentText(doneBytes, totalBytes)}`
  return `${step} ${files} files,${share} ${sizeText(doneBytes)}`
}
