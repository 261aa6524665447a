import { spawnSync } from 'node:child_process'
import { type Browser, chromium } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome']

/** Chromium on PATH, or the one that CHROMIUM names. Undefined if there is none. */
export function chromiumProgram(): string | undefined {
  const { CHROMIUM } = process.env
  const candidates = CHROMIUM ? [CHROMIUM] : names
  return candidates.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0)
}

/**
 * Starts a Chromium without a window.
 *
 * @throws if there is none, with a message that says how to get it.
 */
export async function startChromium(): Promise<Browser> {
  const program = chromiumProgram()
  if (program === undefined)
    throw new Error(
      'these tests need Chromium: install it (apt-get install chromium, brew install --cask chromium), or name it in CHROMIUM',
    )
  const executablePath = spawnSync('sh', ['-c', `command -v "$0"`, program], {
    encoding: 'utf8',
  }).stdout.trim()
  // It refuses to run as root in a sandbox. It only sees our own pages.
  const rendersPlainly = ['--disable-gpu', '--disable-gpu-rasterization', '--disable-extensions']
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-dev-shm-usage', ...rendersPlainly],
  })
}
