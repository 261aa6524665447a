import { statfsSync, statSync } from 'node:fs'

/** Types of file systems that other machines share, as Linux numbers them: NFS, SMB, CIFS and SMB 2. */
const networkTypes = [0x6969, 0x517b, 0xff534d42, 0xfe534d42]

/** Layers of files. Where they are on several disks, files of one folder are on several devices without being mounted. */
const overlayType = 0x794c7630

/**
 * What may lose events by the place of a file, in sentences. SQLite names the log after the path by which the file was opened. So the file must have
 * one path for all processes, and its log must be as lasting as the file.
 *
 * @param path with links resolved.
 */
export function findRisks(path: string): string[] {
  const risks: string[] = []
  const file = statSync(path)
  if (file.nlink > 1)
    risks.push(
      `${path} is a hard link, and has other names: a process that opens it by another one damages it, as each name has a log of its own. Use one name, and make backups with inbox backup`,
    )
  const { type } = statfsSync(path)
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false })
  if (log !== undefined && log.dev !== file.dev && type !== overlayType)
    risks.push(
      `${path} is mounted by itself, and its log beside it is not: events in the log are lost with this container, and another container damages the file. Mount the folder of the file`,
    )
  if (networkTypes.includes(type))
    risks.push(
      `${path} is on a network file system: processes of two machines damage it. Put it on a local disk`,
    )
  return risks
}
