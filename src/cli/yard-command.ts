import { Command } from 'commander'

/** A command on a yard: with `--yard`, `--json` where it answers something, and an example in its help. */
export function yardCommand(
  name: string,
  description: string,
  example: string,
  options: { json?: boolean } = {},
): Command {
  const command = new Command(name)
    .summary(description.split(/[;:]/)[0]!)
    .description(description)
    .option('--yard <directory>', 'the yard (default: $SWITCHYARD_YARD, else ./yard)')
  if (options.json ?? true) command.option('--json', 'print JSON for programs')
  return command.addHelpText('after', `\nExample:\n${example.trim().replace(/^/gm, '  ')}`)
}
