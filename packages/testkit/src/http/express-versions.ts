import { createRequire } from 'node:module'
import express from 'express'

const require = createRequire(import.meta.url)

/** The package alias has no types. The parts of Express 4 that tests use are the same in 5. */
export const express4: typeof express = require('express4')

/** The versions of Express that `@hookport/express` supports. */
export const expressVersions = [
  { version: 'Express 5', express },
  { version: 'Express 4', express: express4 },
]
