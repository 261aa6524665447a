import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** It writes, and commits after a moment. */
const holdsTheFile = `
  const { DatabaseSync } = require('node:sqlite')
  const db = new DatabaseSync(process.argv[1])
  db.exec("begin immediate; insert into effects values ('of the other')")
  console.log('holds the file')
  setTimeout(() => db.exec('commit'), 300)
`

/** A process of its own has a file of SQLite for a moment, as locks do not exclude another library of the same process. */
export async function holdFile(file: string): Promise<void> {
  const writer = spawn(process.execPath, ['-e', holdsTheFile, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(writer.stdout, 'data')
}
