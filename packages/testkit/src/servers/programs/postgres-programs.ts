import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const debianRoot = '/usr/lib/postgresql'

/**
 * The path of a program of Postgres: in the folder that POSTGRES_BIN names, on PATH, or where Debian puts it, the newest version first.
 * Only its name if it is not found.
 */
export function postgresProgram(name: 'initdb' | 'postgres'): string {
  const named = process.env.POSTGRES_BIN
  const folders = named ? [named] : [...(process.env.PATH ?? '').split(delimiter), ...debianFolders()]
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? name
}

function debianFolders(): string[] {
  if (!existsSync(debianRoot)) return []
  const versions = readdirSync(debianRoot).sort((one, other) => Number(other) - Number(one))
  return versions.map((version) => join(debianRoot, version, 'bin'))
}
