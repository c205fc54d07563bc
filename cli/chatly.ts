import { backup } from './backup'
import { exportAll } from './export'
import { importAll } from './import'
import { resetLink } from './resetLink'
import { restore } from './restore'

interface Command { usage: string, about: string, run: (args: string[]) => Promise<void> }

/** The commands, by name. Each throws an Error with one line for the person at the terminal. */
const commands: Record<string, Command> = {
  'backup': { usage: 'backup FILE [--force]', about: 'copies everything into FILE; the server may run', run: backup },
  'restore': { usage: 'restore FILE', about: 'puts a backup in the place of the current data; what was there is kept', run: restore },
  'export': { usage: 'export FILE [--with-password-hashes] [--force]', about: 'writes everything into FILE to move it to another storage; the server may run', run: exportAll },
  'import': { usage: 'import FILE', about: 'takes an export into an empty storage; run again, it goes on where it was', run: importAll },
  'reset-link': { usage: 'reset-link EMAIL', about: 'prints a link that sets a new password for an account', run: resetLink }
}

function usage(): string {
  const width = Math.max(...Object.values(commands).map(command => command.usage.length))
  return ['Usage: chatly COMMAND', '', ...Object.values(commands).map(command => `  ${command.usage.padEnd(width)}  ${command.about}`), '',
    'The data folder is CHATLY_DATA, else ./data. Export, import and reset-link use the storage that CHATLY_STORAGE names.'].join('\n')
}

/** Gives the exit code: 0 done, 1 failed, 2 not understood. */
async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined || ['help', '--help', '-h'].includes(name)) {
    console.log(usage())
    return name === undefined ? 2 : 0
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    console.error(`There is no command ${JSON.stringify(name)}.\n\n${usage()}`)
    return 2
  }
  try {
    await command.run(args)
    return 0
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return 1
  }
}

process.exitCode = await main(process.argv.slice(2))
