import { claimScript, confirmScript, keepScript, releaseScript, renewScript } from '../scripts/claims.ts'
import { migrateScript } from '../scripts/migrate.ts'
import { leadScript, resignScript, writeNoteScript } from '../scripts/notes.ts'
import {
  countsScript,
  discardScript,
  findScript,
  passOnScript,
  redriveScript,
  replayScript,
  scanScript,
} from '../scripts/operate.ts'
import { knowsScript, putScript } from '../scripts/put.ts'
import { parkedScript, shedScript } from '../scripts/shed.ts'
import { turnScript } from '../scripts/turns.ts'

export const scripts = {
  migrate: migrateScript,
  put: putScript,
  knows: knowsScript,
  claim: claimScript,
  renew: renewScript,
  release: releaseScript,
  confirm: confirmScript,
  keep: keepScript,
  parked: parkedScript,
  shed: shedScript,
  turn: turnScript,
  passOn: passOnScript,
  counts: countsScript,
  scan: scanScript,
  find: findScript,
  writeNote: writeNoteScript,
  lead: leadScript,
  resign: resignScript,
  redrive: redriveScript,
  replay: replayScript,
  discard: discardScript,
}

export type ScriptName = keyof typeof scripts
