import { Command, Option } from 'commander'

/**
 * A command on a yard: with `--yard`, `--json` where it answers something, and an example in its help. Unless it is `local`,
 * a server may be asked instead of a directory; the program's help speaks of that, for all commands at once.
 */
export function yardCommand(
  name: string,
  description: string,
  example: string,
  options: { json?: boolean; local?: boolean } = {},
): Command {
  const command = new Command(name)
    .summary(description.split(/[;:]/)[0]!)
    .description(description)
    .option('--yard <directory>', 'the yard (default: $SWITCHYARD_YARD, else ./yard)')
  if (options.local !== true)
    command
      .addOption(new Option('--server <url>', 'ask a server instead').hideHelp())
      .addOption(new Option('--token <file>', 'a file with the token for it').hideHelp())
  if (options.json ?? true) command.option('--json', 'print JSON for programs')
  return command.addHelpText('after', `\nExample:\n${example.trim().replace(/^/gm, '  ')}`)
}
